/**
 * One assigned partition: it asks the handler where to begin, keeps a few fetched batches waiting, and hands them over
 * one by one. Where to fetch next is its own affair: a fetch that was asked before a jump is void (`epoch`), so no batch
 * comes out of place.
 */

import type { FollowHandler, LogBatch, LogRecord } from '../../consumers/ports/log.ts'
import { backoff, type Pause } from './pause.ts'

/** A batch that waits: `records` unpacks it, and throws where it cannot. Until then it is few objects, and bytes. */
export type WaitingBatch = Omit<LogBatch, 'partition' | 'records'> & {
  readonly records: () => readonly LogRecord[]
  readonly bytes: number
}

type QueueItem =
  | { readonly kind: 'batch'; readonly batch: WaitingBatch }
  | { readonly kind: 'out-of-range' | 'recheck' }

export type FetchPosition = { readonly offset: number; readonly epoch: number }

export type PartitionQueue = {
  readonly partition: number
  /** Where to fetch from, or why not: `later` will change by itself and calls `changed`, `never` will not. */
  readonly ask: () => FetchPosition | 'later' | 'never'
  readonly fetched: (epoch: number, batch: WaitingBatch) => void
  readonly outOfRange: (epoch: number) => void
  /** What came could not be read: leaves the partition alone for a while. */
  readonly unreadable: (epoch: number) => void
  /** Asks the handler for its place again, ahead of what waits. */
  readonly recheck: () => void
  /** Hands nothing over until `resume`; resolves when nothing is in hand. */
  readonly hold: () => Promise<void>
  readonly resume: () => void
  /** For good; resolves when nothing is in hand. */
  readonly close: () => Promise<void>
}

export type PartitionQueueDeps = {
  readonly handler: FollowHandler
  /** The lane can be asked again. */
  readonly changed: () => void
  readonly progressed: (partition: number, next: number) => void
  readonly failed: (partition: number, what: string, error: unknown) => void
  readonly pause: Pause
  /** Nothing is handed over before: the same partition's former lane may still have a batch in hand. */
  readonly after: Promise<void>
}

/** Waiting behind the batch in hand; together with it, what one partition holds of memory, decompression aside. */
const WAITING_BYTES_AT_MOST = 2 * 1024 * 1024

export const openPartitionQueue = (partition: number, deps: PartitionQueueDeps): PartitionQueue => {
  const { handler, changed, pause } = deps
  const abort = new AbortController()
  const queue: QueueItem[] = []
  let state: 'asking' | 'reading' | 'parked' | 'unreadable' = 'asking'
  let position = 0
  let fetchFrom = 0
  let epoch = 0
  let held = false
  let rechecking = false
  let inHand: Promise<unknown> = deps.after
  let wake = (): void => {}

  const jump = (to: number): void => {
    position = to
    fetchFrom = to
    epoch++
    queue.length = 0
    state = 'reading'
    changed()
  }

  /** The handler's answer, asked again and again until it gives one; `null` when the lane was closed first. */
  const answered = async <T>(what: string, ask: () => Promise<T>): Promise<{ readonly answer: T } | null> => {
    for (let attempt = 0; !abort.signal.aborted; attempt++) {
      while (held && !abort.signal.aborted) await signal()
      if (abort.signal.aborted) break
      const asked = Promise.try(ask)
      inHand = asked.catch(() => {})
      try {
        const answer = await asked
        return abort.signal.aborted ? null : { answer }
      } catch (error) {
        deps.failed(partition, what, error)
        await pause(backoff(attempt), abort.signal)
      }
    }
    return null
  }

  const signal = (): Promise<void> => new Promise((resolve) => (wake = resolve))

  const nextItem = async (): Promise<QueueItem | null> => {
    while (!abort.signal.aborted) {
      if (rechecking) return { kind: 'recheck' }
      const item = held ? undefined : queue.shift()
      if (item !== undefined) return item
      await signal()
    }
    return null
  }

  /** Hands over one batch after the other, until the lane has to ask for its place again. */
  const readOn = async (): Promise<'out-of-range' | 'recheck' | 'closed'> => {
    for (;;) {
      const item = await nextItem()
      if (item === null) return 'closed'
      if (item.kind !== 'batch') return item.kind
      changed()
      const batch = unpacked(item.batch)
      if (batch === null) continue
      const verdict = await answered('a batch', () => handler.batch(batch))
      if (verdict === null) return 'closed'
      switch (verdict.answer.kind) {
        case 'next':
          position = batch.next
          deps.progressed(partition, position)
          break
        case 'seek':
          jump(verdict.answer.to)
          break
        case 'park':
          park()
      }
    }
  }

  /** At its turn, not before: a few megabytes that wait as records would be some hundred thousand objects. */
  const unpacked = ({ records, bytes: _, ...batch }: WaitingBatch): LogBatch | null => {
    try {
      return { partition, ...batch, records: records() }
    } catch (error) {
      deps.failed(partition, 'an unreadable batch', error)
      epoch++
      fetchFrom = position
      queue.length = 0
      standBack()
      return null
    }
  }

  /** What came could not be read: a while later it is fetched again. */
  const standBack = (): void => {
    state = 'unreadable'
    void pause(UNREADABLE_PAUSE_MS, abort.signal).then(() => {
      if (state !== 'unreadable') return
      state = 'reading'
      changed()
    })
  }

  const park = (): void => {
    state = 'parked'
    epoch++
    queue.length = 0
  }

  const run = async (): Promise<void> => {
    await deps.after
    for (let fruitless = 0; ; ) {
      state = 'asking'
      rechecking = false
      const start = await answered('the assignment', () => handler.assigned(partition))
      if (start === null) return
      if (start.answer === null) park()
      else jump(start.answer)
      const began = position
      const end = await readOn()
      if (end === 'closed') return
      if (end === 'recheck') continue
      fruitless = position === began ? fruitless + 1 : 0
      state = 'asking'
      await pause(backoff(fruitless), abort.signal)
    }
  }

  const put = (item: QueueItem): void => {
    queue.push(item)
    wake()
  }

  const halt = (): Promise<void> => {
    wake()
    return inHand.then(() => {})
  }

  void run()

  return {
    partition,
    ask: () => {
      if (abort.signal.aborted || state === 'parked') return 'never'
      if (rechecking || state !== 'reading' || queue.some((item) => item.kind === 'out-of-range')) return 'later'
      const waiting = queue.reduce((sum, item) => sum + (item.kind === 'batch' ? item.batch.bytes : 0), 0)
      return waiting >= WAITING_BYTES_AT_MOST ? 'later' : { offset: fetchFrom, epoch }
    },
    fetched: (of, batch) => {
      if (of !== epoch || state !== 'reading' || batch.from !== fetchFrom || batch.next === batch.from) return
      fetchFrom = batch.next
      put({ kind: 'batch', batch })
    },
    outOfRange: (of) => {
      if (of === epoch && state === 'reading') put({ kind: 'out-of-range' })
    },
    unreadable: (of) => {
      if (of === epoch && state === 'reading') standBack()
    },
    recheck: () => {
      rechecking = true
      wake()
    },
    hold: () => {
      held = true
      return halt()
    },
    resume: () => {
      held = false
      wake()
      changed()
    },
    close: () => {
      abort.abort()
      return halt()
    },
  }
}

const UNREADABLE_PAUSE_MS = 1000
