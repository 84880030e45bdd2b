/** Which partitions share a failure, as `Log.domains` tells. */
export type Domains = readonly (readonly number[])[]

/** For a log that is there or away as a whole: the same list for the same partitions. */
export const oneDomain = (): ((topic: string, partitions: readonly number[]) => Domains) => {
  const made = new WeakMap<readonly number[], Domains>()
  return (_topic, partitions) => {
    const known = made.get(partitions) ?? [partitions]
    made.set(partitions, known)
    return known
  }
}
