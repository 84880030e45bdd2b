import type { Paise } from './ids.ts'

/** Rupees 9,999,999,999.99, the highest amount of an event. */
export const MAX_PAISE = 999_999_999_999 as Paise

export const ZERO = 0 as Paise

/** A percentage in ten-thousandths of a percent: 12.5 % is 125,000. */
export const HUNDRED_PERCENT = 1_000_000

/**
 * A JSON amount in rupees → paise, or `null` where it is none. Text is digits with at most two decimals; a number counts
 * by its value, which is the shortest decimal of the same double: so `100.10000000000000001` is 100.1 and `1.005` is refused.
 */
export const parseRupees = (value: unknown): Paise | null => scaled(value, 2, MAX_PAISE) as Paise | null

/** A JSON percentage, 0–100 with at most four decimals → ten-thousandths of a percent, or `null`. */
export const parsePercent = (value: unknown): number | null => scaled(value, 4, HUNDRED_PERCENT)

const POINT = 46

/** Digit by digit: amounts are most of what an event says, and a regular expression would be followed by five more texts of each. */
const scaled = (value: unknown, decimals: number, most: number): number | null => {
  // String(number) is the shortest decimal; what it writes with an exponent has too many decimals or is out of range.
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text === '') return null
  let result = 0
  let point = -1
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === POINT && point < 0 && at > 0) {
      point = at
      continue
    }
    if (code < 48 || code > 57) return null
    result = result * 10 + (code - 48)
    if (result > most) return null
  }
  const written = point < 0 ? 0 : text.length - 1 - point
  if (written > decimals || (point >= 0 && written === 0)) return null
  result *= 10 ** (decimals - written)
  return result <= most ? result : null
}

/** Paise → the JSON number in rupees with no more decimals than needed: 1050 → `10.5`. */
export const formatRupees = (paise: Paise): string => {
  const rest = paise % 100
  const whole = (paise - rest) / 100
  if (rest === 0) return String(whole)
  return rest % 10 === 0 ? `${whole}.${rest / 10}` : `${whole}.${rest < 10 ? '0' : ''}${rest}`
}

/** A share of an amount, rounded half up to the paisa. Exact: beyond 2^53 the product is taken in big integers. */
export const percentOf = (gross: Paise, percent: number): Paise => {
  const product = gross * percent
  if (product <= Number.MAX_SAFE_INTEGER - HUNDRED_PERCENT) {
    const rounded = product + HUNDRED_PERCENT / 2
    return ((rounded - (rounded % HUNDRED_PERCENT)) / HUNDRED_PERCENT) as Paise
  }
  const exact = BigInt(gross) * BigInt(percent) + BigInt(HUNDRED_PERCENT / 2)
  return Number(exact / BigInt(HUNDRED_PERCENT)) as Paise
}

/** Sums saturate at 2^53 − 1, far above any answer, instead of losing paise silently. */
export const add = (a: Paise, b: Paise): Paise => Math.min(a + b, Number.MAX_SAFE_INTEGER) as Paise

export const subtract = (a: Paise, b: Paise): Paise => (a - b) as Paise

export const least = (a: Paise, b: Paise): Paise => (a < b ? a : b)
