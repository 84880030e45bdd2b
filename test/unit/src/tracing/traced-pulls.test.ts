import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tracedPulls } from '../../../../src/tracing/traced-pulls.ts'

test('without tracing every part of a pull is the same object, so a pull pays nothing', () => {
  const traced = tracedPulls(null)
  for (const wrap of Object.values(traced) as ((part: unknown) => unknown)[]) {
    const part = () => Promise.resolve(null)
    expect(wrap(part)).toBe(part)
  }
})

test('the code that loads OpenTelemetry is imported on demand alone', () => {
  const root = new URL('../../../../', import.meta.url)
  const importers = globSync('{src,consumers}/**/*.ts', { cwd: root.pathname }).filter((file) =>
    /^(import|export)\b.*(open-tracing|@opentelemetry)/m.test(readFileSync(new URL(file, root), 'utf8')),
  )
  expect(importers).toEqual([])
})
