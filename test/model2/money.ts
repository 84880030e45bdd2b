/** Rupees (two decimals) or percents (four) as an exact integer of the smallest unit, or null when they are invalid. */
const readDecimal = (value: unknown, decimals: number, most: bigint): bigint | null => {
  const digits = typeof value === 'string' ? value : typeof value === 'number' ? shortestDecimal(value) : null
  if (digits === null) return null
  const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(digits)
  if (!match) return null
  const [, whole = '', fraction = ''] = match
  if (fraction.length > decimals) return null
  const units = BigInt(whole + fraction.padEnd(decimals, '0'))
  return units <= most ? units : null
}

/** JavaScript prints the shortest decimal of a double; past 21 digits or below 1e-6 with an exponent, both out of range. */
const shortestDecimal = (value: number): string => String(value)

export const readRupees = (value: unknown): bigint | null => readDecimal(value, 2, 999_999_999_999n)

export const readPercent = (value: unknown): bigint | null => readDecimal(value, 4, 1_000_000n)

/** As a JSON number with no more decimals than needed. */
export const writeRupees = (paise: bigint): string => {
  const fraction = (paise % 100n).toString().padStart(2, '0').replace(/0+$/, '')
  return `${paise / 100n}${fraction === '' ? '' : `.${fraction}`}`
}

/** A percent of an amount, rounded half up to the paisa. A whole is 1,000,000 ten-thousandths of a percent. */
export const percentOf = (gross: bigint, percent: bigint): bigint => (gross * percent * 2n + 1_000_000n) / 2_000_000n
