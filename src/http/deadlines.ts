/**
 * Things that are all given the same time, in the order of their arrival: a linked list and one timer for its head, so
 * that a thing that ends in time costs no timer of its own. It also knows how many there are.
 */
export type Deadlines<T> = {
  /** The returned function takes it out again; taking it out twice is nothing. */
  readonly add: (item: T, dueMs: number) => () => void
  readonly size: () => number
}

type DeadlineEntry<T> = {
  readonly item: T
  readonly dueMs: number
  before: DeadlineEntry<T> | null
  after: DeadlineEntry<T> | null
  in: boolean
}

/** `dueMs` and the clock are `performance.now()` times; `expire` is called once for each item that is still in when due. */
export const deadlines = <T>(expire: (item: T) => void): Deadlines<T> => {
  let head: DeadlineEntry<T> | null = null
  let tail: DeadlineEntry<T> | null = null
  let size = 0
  let timer: NodeJS.Timeout | null = null

  const remove = (entry: DeadlineEntry<T>): void => {
    if (!entry.in) return
    entry.in = false
    size -= 1
    if (entry.before === null) head = entry.after
    else entry.before.after = entry.after
    if (entry.after === null) tail = entry.before
    else entry.after.before = entry.before
  }

  const arm = (): void => {
    timer = head === null ? null : setTimeout(fire, Math.max(1, head.dueMs - performance.now())).unref()
  }

  const fire = (): void => {
    const nowMs = performance.now()
    for (let entry = head; entry !== null && entry.dueMs <= nowMs; entry = head) {
      remove(entry)
      expire(entry.item)
    }
    arm()
  }

  const add = (item: T, dueMs: number) => {
    const entry: DeadlineEntry<T> = { item, dueMs, before: tail, after: null, in: true }
    if (tail === null) head = entry
    else tail.after = entry
    tail = entry
    size += 1
    if (timer === null) arm()
    return () => remove(entry)
  }
  return { add, size: () => size }
}
