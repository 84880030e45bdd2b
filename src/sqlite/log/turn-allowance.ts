/** What may be read in one turn of the event loop, so that a backlog of all partitions holds up nobody else. */
export type TurnAllowance = {
  /** Whether this partition may read now; one that may not has its turn after those that waited before it. */
  readonly isLeft: (partition: number) => boolean
  readonly spend: (partition: number, bytes: number) => void
}

/** `renewed` is called in the next turn where somebody went away empty-handed. */
export const turnAllowance = (bytesPerTurn: number, renewed: () => void): TurnAllowance => {
  /** In the order in which they were refused. */
  const waiting = new Set<number>()
  let spent = 0
  let headBefore: number | undefined
  let isRenewing = false

  const head = (): number | undefined => waiting.values().next().value

  const renew = (): void => {
    isRenewing = false
    spent = 0
    // One that had its turn and did not come back has gone.
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
