/**
 * A quantile of a histogram, interpolated within its bucket as in Prometheus; above the last bound, that bound.
 *
 * @param counts by bucket, one more than there are bounds
 * @returns `null` where nothing was counted
 */
export const quantileOf = (bounds: readonly number[], counts: readonly number[], share: number): number | null => {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let below = 0
  for (const [at, bound] of bounds.entries()) {
    const here = counts[at] ?? 0
    if (here > 0 && below + here >= rank) {
      const from = at === 0 ? 0 : bounds[at - 1]!
      return from + ((bound - from) * (rank - below)) / here
    }
    below += here
  }
  return bounds.at(-1) ?? null
}
