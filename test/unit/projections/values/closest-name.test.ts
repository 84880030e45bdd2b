import { expect, test } from 'vitest'
import { closestName } from '../../../../projections/values/closest-name.ts'

test('a name close to a known one finds it, and a far-off one finds nothing', () => {
  expect(closestName('deadlineMs', ['path', 'deadline_ms'])).toBe('deadline_ms')
  expect(closestName('wholly-else', ['path', 'deadline_ms'])).toBeUndefined()
  expect(closestName('x'.repeat(65), ['x'.repeat(64)])).toBeUndefined()
})
