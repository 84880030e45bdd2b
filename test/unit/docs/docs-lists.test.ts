import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FALLBACK_REASONS } from '../../../src/pull/reasons.ts'

const doc = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

test.each(FALLBACK_REASONS)(
  'the fallback reason %s has its words in the runbook and in the table of decisions',
  (reason) => {
    expect(doc('runbook.md')).toContain(`\`${reason}\`:`)
    expect(doc('decision.md')).toContain(`\`${reason}\``)
  },
)
