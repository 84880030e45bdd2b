/** Ranges of whole numbers, both ends included, in ascending order. No two of them overlap or touch. */
export type Interval = readonly [first: bigint, last: bigint]
export type Intervals = readonly Interval[]

export const NO_NUMBERS: Intervals = []

export const hasNumber = (intervals: Intervals, number: bigint): boolean =>
  intervals.some(([first, last]) => first <= number && number <= last)

/** The ranges with one more range in them. */
export const withInterval = (intervals: Intervals, [first, last]: Interval): Intervals => {
  if (last < first) return intervals
  const apart = intervals.filter((known) => known[1] + 1n < first || last + 1n < known[0])
  const touching = intervals.filter((known) => !apart.includes(known))
  const joined: Interval = [
    least([first, ...touching.map((known) => known[0])]),
    greatest([last, ...touching.map((known) => known[1])]),
  ]
  const before = apart.filter((known) => known[1] < joined[0])
  return [...before, joined, ...apart.slice(before.length)]
}

export const intervalsOf = (numbers: readonly bigint[]): Intervals => {
  const intervals: [bigint, bigint][] = []
  for (const number of numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = intervals.at(-1)
    if (last && number <= last[1] + 1n) last[1] = number
    else intervals.push([number, number])
  }
  return intervals
}

export const union = (a: Intervals, b: Intervals): Intervals => b.reduce(withInterval, a)

/** What of `a` is not in `b`. */
export const minus = (a: Intervals, b: Intervals): Intervals => {
  const rest: Interval[] = []
  let index = 0
  for (const [first, last] of a) {
    let from = first
    while (index < b.length && b[index]![1] < from) index += 1
    for (let at = index; at < b.length && b[at]![0] <= last; at += 1) {
      if (from < b[at]![0]) rest.push([from, b[at]![0] - 1n])
      from = b[at]![1] + 1n
    }
    if (from <= last) rest.push([from, last])
  }
  return rest
}

/** The ranges of the lowest numbers, of so many numbers at most. */
export const lowest = (intervals: Intervals, most: number): Intervals => {
  const taken: Interval[] = []
  let left = BigInt(most)
  for (const [first, last] of intervals) {
    if (left === 0n) break
    const end = least([last, first + left - 1n])
    taken.push([first, end])
    left -= end - first + 1n
  }
  return taken
}

/** The lowest numbers, at most so many. */
export const firstNumbers = (intervals: Intervals, most: number): readonly bigint[] => {
  const numbers: bigint[] = []
  for (const [first, last] of intervals)
    for (let number = first; number <= last && numbers.length < most; number += 1n) numbers.push(number)
  return numbers
}

export const countOf = (intervals: Intervals): bigint =>
  intervals.reduce((count, [first, last]) => count + last - first + 1n, 0n)

const least = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => (a < b ? a : b))
const greatest = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => (a > b ? a : b))
