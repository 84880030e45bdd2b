/** Over as long as a point on the screen stands for, and never less than four scrapes. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`
export const increase = (series: string): string => `increase(${series}[$__rate_interval])`

/** A quantile of a histogram, of its buckets over all replicas. */
export const quantile = (q: number, buckets: string): string =>
  `histogram_quantile(${q}, sum by (le) (${rate(buckets)}))`
