import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Paise } from '../../projections/values/ids.ts'
import { formatRupees, MAX_PAISE, parsePercent, parseRupees, percentOf } from '../../projections/values/money.ts'
import { law } from '../support/law.ts'

/** Near the ends and near whole rupees more often than elsewhere. */
const paise = fc.oneof(
  fc.integer({ min: 0, max: MAX_PAISE }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 0, max: 20_000 }).map((less) => MAX_PAISE - less),
  fc.tuple(fc.nat({ max: 9_999_999_998 }), fc.constantFrom(0, 1, 99)).map(([rupees, rest]) => rupees * 100 + rest),
) as fc.Arbitrary<Paise>

const written = (amount: number): string[] => {
  const [rupees, rest] = [Math.floor(amount / 100), String(amount % 100).padStart(2, '0')]
  return [`${rupees}.${rest}`, `00${rupees}.${rest}`, ...(rest[1] === '0' ? [`${rupees}.${rest[0]}`] : [])]
}

law(
  'an amount survives: as text, as a JSON number in any form, and as it is written',
  paise,
  (amount) => {
    for (const text of written(amount)) expect(parseRupees(text)).toBe(amount)
    for (const text of written(amount).filter((form) => !/^0\d/.test(form)))
      for (const json of [text, `${text}000`, `${amount}e-2`]) expect(parseRupees(JSON.parse(json))).toBe(amount)
    expect(parseRupees(JSON.parse(formatRupees(amount)))).toBe(amount)
    expect(formatRupees(amount)).toMatch(/^(0|[1-9]\d*)(\.\d?[1-9])?$/)
  },
  { runs: 20_000 },
)

test('all paise of the first thousand rupees survive as JSON numbers', () => {
  for (let amount = 0; amount <= 100_000; amount += 1)
    if (parseRupees(amount / 100) !== amount || JSON.parse(formatRupees(amount as Paise)) !== amount / 100)
      expect.fail(`${amount} paise`)
})

law(
  'a third decimal that is not 0 is refused, as text and as a number',
  fc.tuple(fc.nat({ max: 999_999_999 }), fc.integer({ min: 1, max: 9 })),
  ([amount, third]) => {
    const text = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}${third}`
    expect(parseRupees(text)).toBeNull()
    expect(parseRupees(JSON.parse(text))).toBeNull()
  },
  { runs: 5000 },
)

law(
  'a percentage is exact: half up in big integers',
  fc.tuple(paise, fc.integer({ min: 0, max: 1_000_000 })),
  ([gross, percent]) => {
    const exact = (2n * BigInt(gross) * BigInt(percent) + 1_000_000n) / 2_000_000n
    expect(percentOf(gross, percent)).toBe(Number(exact))
    expect(parsePercent((percent / 10_000).toFixed(4))).toBe(percent)
    expect(parsePercent(JSON.parse(`${percent}e-4`))).toBe(percent)
  },
  { runs: 20_000 },
)

law(
  'what is no amount is null and never a guess',
  fc.oneof(fc.string(), fc.double(), fc.anything()),
  (value) => {
    const amount = parseRupees(value)
    if (amount === null) return
    expect(Number.isSafeInteger(amount) && amount >= 0 && amount <= MAX_PAISE).toBe(true)
    expect(Math.abs(Number(value) * 100 - amount)).toBeLessThan(0.001)
  },
  { runs: 5000 },
)
