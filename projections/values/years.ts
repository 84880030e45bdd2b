const DIGITS = /^[0-9]+$/

/** As integers where both are digits, else as text. */
export const compareYears = (a: string, b: string): number => {
  if (a === b) return 0
  if (!DIGITS.test(a) || !DIGITS.test(b)) return a < b ? -1 : 1
  const [x, y] = [BigInt(a), BigInt(b)]
  return x === y ? 0 : x < y ? -1 : 1
}
