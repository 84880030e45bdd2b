/**
 * Virtual time for a whole simulation. Everything that happens is an entry of one queue, in the order of its moment;
 * after each entry all promises run dry before the next begins. Nothing real is waited for, so a minute takes
 * milliseconds, and the same seed gives the same run, entry by entry.
 *
 * An entry belongs to a process of the simulation, or to the world. A dead process's entries never happen, a paused
 * one's happen when it goes on: that is all that a crash or a SIGSTOP is to the code that runs.
 */

export type Proc = {
  readonly name: string
  alive: boolean
  /** Virtual milliseconds; in the past: it runs. */
  pausedUntil: number
}

export type SimTime = {
  /** Virtual milliseconds since the start. */
  readonly now: () => number
  readonly at: (delayMs: number, owner: Proc, act: () => void) => Cancel
  /** Which process's code is running. */
  readonly current: () => Proc
  readonly world: Proc
  /** Runs until the promise settles or nothing is left to happen. @throws what the promise rejects with */
  readonly run: <T>(until: Promise<T>) => Promise<T>
  /** Resolves after a while, in the process that asked. */
  readonly sleep: (ms: number) => Promise<void>
  readonly entries: () => number
}

export type Cancel = () => void

type Entry = { atMs: number; readonly turn: number; readonly owner: Proc; act: (() => void) | null }

const realImmediate = setImmediate
const promisesRunDry = (): Promise<void> => new Promise((resolve) => realImmediate(resolve))

export const simTime = (): SimTime => {
  const heap: Entry[] = []
  const world: Proc = { name: 'world', alive: true, pausedUntil: 0 }
  let nowMs = 0
  let turn = 0
  let count = 0
  let current = world

  const at: SimTime['at'] = (delayMs, owner, act) => {
    const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), turn: turn++, owner, act }
    push(heap, entry)
    return () => {
      entry.act = null
    }
  }

  const step = async (): Promise<boolean> => {
    const entry = pop(heap)
    if (entry === undefined) return false
    if (entry.act === null || !entry.owner.alive) return true
    nowMs = Math.max(nowMs, entry.atMs)
    if (entry.owner.pausedUntil > nowMs) {
      entry.atMs = entry.owner.pausedUntil
      push(heap, entry)
      return true
    }
    count += 1
    current = entry.owner
    entry.act()
    await promisesRunDry()
    current = world
    return true
  }

  return {
    now: () => nowMs,
    at,
    current: () => current,
    world,
    run: async (until) => {
      let over = false
      until.then(
        () => (over = true),
        () => (over = true),
      )
      await promisesRunDry()
      while (!over && (await step())) {}
      if (!over) throw new Error('nothing is left to happen, and what was waited for has not happened')
      return until
    },
    sleep: (ms) => {
      const owner = current
      return new Promise((resolve) => at(ms, owner, resolve))
    },
    entries: () => count,
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn)

const push = (heap: Entry[], entry: Entry): void => {
  let at = heap.length
  heap.push(entry)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(entry, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = entry
}

const pop = (heap: Entry[]): Entry | undefined => {
  const top = heap[0]
  const last = heap.pop()
  if (top === undefined || last === undefined || heap.length === 0) return top
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
    if (!isBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return top
}
