import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutations/list.ts'
import { mutated, ROOT } from './mutations/tree.ts'

test.for(MUTATIONS)('$guard: it stands where the mutation looks for it', (mutation) => {
  const sound = readFileSync(join(ROOT, mutation.file), 'utf8')
  expect(mutated(sound, mutation)).not.toBe(sound)
})
