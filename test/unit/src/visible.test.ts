import { expect, test } from 'vitest'
import { shownJson, visible, visibleLine } from '../../../src/visible.ts'

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

test.each(['\u001b[2J\r\n\b\f', '\u009b2J\u007f\u202e', 'a\\u001b', '\\', 'C:\\new', '\ttabs – ₹'])(
  '%j in a line of JSON decodes to what a terminal does not act on',
  (text) => {
    const decoded = JSON.parse(shownJson(`${JSON.stringify({ text })}\n`)).text
    expect(visibleLine(decoded)).toBe(decoded)
    if (visibleLine(text) === text) expect(decoded).toBe(text)
  },
)
