/**
 * One assigned partition: it asks the handler for its first offset, keeps a few fetched batches waiting, and delivers
 * them in order.
 *
 * | state      | event                                    | next state |
 * |------------|------------------------------------------|------------|
 * | asking     | the handler names an offset              | reading    |
 * | asking     | the handler names no offset              | parked     |
 * | reading    | the handler parks the partition          | parked     |
 * | reading    | `recheck`, or the offset is out of range | asking     |
 * | reading    | fetched bytes cannot be read             | unreadable |
 * | unreadable | a pause ends                             | reading    |
 * | parked     | `recheck`                                | asking     |
 * | any        | `close`                                  | closed     |
 *
 * `suspend` and `resume` stop and continue the delivery in every state. A fetch requested before a jump has an old `epoch`
 * and is dropped, so no batch is delivered out of order.
 */

import type { FollowHandler, LogBatch } from '../../consumers/ports/log.ts'
import type { UnpackedPart, UnpackLease } from '../../consumers/ports/unpack.ts'
import { backoff, type Pause } from './pause.ts'
import { type QueueItem, queueState } from './queue-state.ts'
import type { WaitingBatch } from './waiting-batch.ts'

export type FetchPosition = { readonly offset: number; readonly epoch: number }

export type PartitionQueue = {
  readonly partition: number
  /**
   * The offset to fetch from, or why there is none: `later` changes by itself and calls `changed`; `never` does not
   * change.
   */
  readonly ask: () => FetchPosition | 'later' | 'never'
  readonly fetched: (epoch: number, batch: WaitingBatch) => void
  readonly outOfRange: (epoch: number) => void
  /** The fetched bytes could not be read: pauses the partition. */
  readonly unreadable: (epoch: number) => void
  /** Asks the handler for its offset again, before the waiting batches. */
  readonly recheck: () => void
  /** Pauses delivery until `resume`; resolves when no batch is being handled. */
  readonly suspend: () => Promise<void>
  readonly resume: () => void
  /** Closes permanently; resolves when no batch is being handled. */
  readonly close: () => Promise<void>
}

export type PartitionQueueDeps = {
  readonly handler: FollowHandler
  /** The queue can be asked again. */
  readonly changed: () => void
  readonly progressed: (partition: number, next: number) => void
  readonly failed: (partition: number, what: string, error: unknown) => void
  readonly pause: Pause
  /** Delivery starts only after this: the partition's former queue may still be handling a batch. */
  readonly after: Promise<void>
  /** Room for what is unpacked; a batch that finds none waits. */
  readonly lease: UnpackLease
}

/** Bytes that wait behind the current batch. Both together are one partition's memory, what is unpacked aside. */
const WAITING_BYTES_AT_MOST = 2 * 1024 * 1024
const PAUSES = { unreadableMs: 1000, noRoomMs: 20 } as const

export const openPartitionQueue = (partition: number, deps: PartitionQueueDeps): PartitionQueue => {
  const { handler, changed, pause, lease } = deps
  const abort = new AbortController()
  const queue: QueueItem[] = []
  const own = queueState()
  const { enter, move, isClosed, offsets } = own
  let epoch = 0
  let held = false
  let rechecking = false
  let inHand: Promise<unknown> = deps.after
  let wake = (): void => {}

  const drop = (): void => {
    epoch++
    queue.length = 0
    lease.release()
  }

  const jump = (to: number): void => {
    drop()
    enter({ kind: 'reading', position: to, fetchFrom: to })
    changed()
  }

  /** Repeats the call until the handler answers; `null` when the queue was closed first. */
  const answered = async <T>(what: string, ask: () => Promise<T>): Promise<{ readonly answer: T } | null> => {
    for (let attempt = 0; !isClosed(); attempt++) {
      while (held && !isClosed()) await signal()
      if (isClosed()) break
      const asked = Promise.try(ask)
      inHand = asked.catch(() => {})
      try {
        const answer = await asked
        return isClosed() ? null : { answer }
      } catch (error) {
        deps.failed(partition, what, error)
        await pause(backoff(attempt), abort.signal)
      }
    }
    return null
  }

  const signal = (): Promise<void> => new Promise((resolve) => (wake = resolve))

  const nextItem = async (): Promise<QueueItem | null> => {
    while (!isClosed()) {
      if (rechecking) return { kind: 'recheck' }
      const item = held ? undefined : queue.shift()
      if (item !== undefined) return item
      await signal()
    }
    return null
  }

  /** Delivers batches in order until the queue must ask for its offset again. */
  const readOn = async (): Promise<'out-of-range' | 'recheck' | 'closed'> => {
    for (;;) {
      const item = await nextItem()
      if (item?.kind !== 'batch') return item?.kind ?? 'closed'
      changed()
      const part = await unpacked(item.batch)
      if (part === null) continue
      const { unpack: _, bytes, ...about } = item.batch
      const { records, next, rest } = part
      const batch: LogBatch = { partition, ...about, records, next }
      if (rest !== null) queue.unshift({ kind: 'batch', batch: { ...about, from: next, unpack: rest, bytes } })
      const result = await answered('a batch', () => handler.batch(batch))
      if (result === null) return 'closed'
      switch (result.answer.kind) {
        case 'next':
          move({ position: batch.next })
          if (rest === null) lease.release()
          deps.progressed(partition, batch.next)
          break
        case 'seek':
          jump(result.answer.to)
          break
        case 'park':
          park()
      }
    }
  }

  /** Unpacked only at delivery: a few waiting megabytes would be some hundred thousand objects. `null`: not now. */
  const unpacked = async (waiting: WaitingBatch): Promise<UnpackedPart | null> => {
    try {
      const part = waiting.unpack(lease)
      if (part !== null) return part
      queue.unshift({ kind: 'batch', batch: waiting })
      await pause(PAUSES.noRoomMs, abort.signal)
    } catch (error) {
      deps.failed(partition, 'an unreadable batch', error)
      own.fetchAgain()
      drop()
      standBack()
    }
    return null
  }

  /** The bytes could not be read: they are fetched again after a pause. */
  const standBack = (): void => {
    const known = offsets()
    if (known === null) return
    enter({ ...known, kind: 'unreadable' })
    void pause(PAUSES.unreadableMs, abort.signal).then(() => {
      const state = own.now()
      if (state.kind !== 'unreadable') return
      enter({ ...state, kind: 'reading' })
      changed()
    })
  }

  const park = (): void => {
    enter({ kind: 'parked' })
    drop()
  }

  const run = async (): Promise<void> => {
    await deps.after
    for (let fruitless = 0; ; ) {
      enter({ kind: 'asking' })
      rechecking = false
      const start = await answered('the assignment', () => handler.assigned(partition))
      if (start === null) return
      if (start.answer === null) park()
      else jump(start.answer)
      const end = await readOn()
      if (end === 'closed') return
      if (end === 'recheck') continue
      fruitless = offsets()?.position === start.answer ? fruitless + 1 : 0
      enter({ kind: 'asking' })
      await pause(backoff(fruitless), abort.signal)
    }
  }

  const put = (item: QueueItem): void => {
    queue.push(item)
    wake()
  }

  void run().finally(lease.release)

  return {
    partition,
    ask: () => {
      const state = own.now()
      if (state.kind === 'closed' || state.kind === 'parked') return 'never'
      if (rechecking || state.kind !== 'reading' || queue.some((item) => item.kind === 'out-of-range')) return 'later'
      const waiting = queue.reduce((sum, item) => sum + (item.kind === 'batch' ? item.batch.bytes : 0), 0)
      return waiting >= WAITING_BYTES_AT_MOST ? 'later' : { offset: state.fetchFrom, epoch }
    },
    fetched: (of, batch) => {
      const state = own.now()
      if (of !== epoch || state.kind !== 'reading') return
      if (batch.from !== state.fetchFrom || batch.next === batch.from) return
      move({ fetchFrom: batch.next })
      put({ kind: 'batch', batch })
    },
    outOfRange: (of) => {
      if (of === epoch && own.now().kind === 'reading') put({ kind: 'out-of-range' })
    },
    unreadable: (of) => {
      if (of === epoch && own.now().kind === 'reading') standBack()
    },
    recheck: () => {
      rechecking = true
      wake()
    },
    suspend: () => {
      held = true
      wake()
      return inHand.then(() => {})
    },
    resume: () => {
      held = false
      wake()
      changed()
    },
    close: () => {
      enter({ kind: 'closed' })
      abort.abort()
      wake()
      return inHand.then(() => {})
    },
  }
}
