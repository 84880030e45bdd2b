import { expect, test } from 'vitest'
import { visible, visibleLine } from '../../../../src/cli/command/visible.ts'

test.each([
  ['\u001b[2J\u001b[31mAsha', '\\u001b[2J\\u001b[31mAsha'],
  ['a\rb\tc\u0007', 'a\\u000db\tc\\u0007'],
  ['\u009b2J\u007f', '\\u009b2J\\u007f'],
  ['100\u202e001', '100\\u202e001'],
  ['आशा Rao, ₹ 100.50', 'आशा Rao, ₹ 100.50'],
])('%j is shown without what a terminal would act on', (text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('a line break is a line break, but in a line it is shown', () => {
  expect([visible('a\nb'), visibleLine('a\nb')]).toEqual(['a\nb', 'a\\nb'])
})

test('JSON says the same as before', () => {
  const value = { name: '\u0085\u202e\u001b\n' }
  expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value)
})
