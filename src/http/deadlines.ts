/**
 * Items with equal time limits in order of arrival: a linked list with one timer for its head. An item that ends in
 * time needs no timer of its own. The list also counts its items.
 */
export type Deadlines<T> = {
  /** The returned function removes the item; a second call has no effect. */
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

/**
 * `dueMs` and the clock are `performance.now()` times; `expire` is called once for each item that is still present when
 * due.
 */
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
