/** Numbers as intervals, first and last, that neither overlap nor touch, in their order. */
export type Intervals = readonly (readonly [first: bigint, last: bigint])[]

export const withInterval = (intervals: Intervals, first: bigint, last: bigint): Intervals => {
  if (first > last) return intervals
  const isApart = ([from, to]: Intervals[number]) => to + 1n < first || from > last + 1n
  const joined = intervals.filter((one) => !isApart(one))
  const from = joined.reduce((least, [one]) => (one < least ? one : least), first)
  const to = joined.reduce((most, [, one]) => (one > most ? one : most), last)
  return [...intervals.filter(isApart), [from, to] as const].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** The last number of the interval that holds this one; null where none does. */
export const endOfInterval = (intervals: Intervals, number: bigint): bigint | null =>
  intervals.find(([first, last]) => first <= number && number <= last)?.[1] ?? null
