/** Limits the bytes read in one turn of the event loop, so that a backlog of all partitions delays no other work. */
export type TurnAllowance = {
  /**
   * Whether this partition may read now. A refused partition gets its turn after the partitions that waited before it.
   */
  readonly isLeft: (partition: number) => boolean
  readonly spend: (partition: number, bytes: number) => void
}

/** `renewed` is called in the next turn where a partition was refused. */
export const turnAllowance = (bytesPerTurn: number, renewed: () => void): TurnAllowance => {
  /** In the order of refusal. */
  const waiting = new Set<number>()
  let spent = 0
  let headBefore: number | undefined
  let isRenewing = false

  const head = (): number | undefined => waiting.values().next().value

  const renew = (): void => {
    isRenewing = false
    spent = 0
    // A partition that had its turn and did not return has ended.
    if (headBefore !== undefined && head() === headBefore) waiting.delete(headBefore)
    headBefore = head()
    if (waiting.size > 0) renewed()
  }

  const renewSoon = (): void => {
    if (isRenewing) return
    isRenewing = true
    setImmediate(renew)
  }

  return {
    isLeft: (partition) => {
      if (spent < bytesPerTurn && (waiting.size === 0 || head() === partition)) return true
      waiting.add(partition)
      renewSoon()
      return false
    },
    spend: (partition, bytes) => {
      waiting.delete(partition)
      if (partition === headBefore) headBefore = undefined
      spent += bytes
      if (spent > 0) renewSoon()
    },
  }
}
