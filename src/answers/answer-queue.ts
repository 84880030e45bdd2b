import type { RecentAnswer } from '../../consumers/ports/recent-answers.ts'

/** An answer that waits to be recorded. */
export type QueuedAnswer = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  readonly number: number
  readonly applied: number | null
  /** What is kept beside the student's record; `null` where nobody knows whose it is. */
  readonly line: RecentAnswer | null
  /** The line was given to the store. */
  isKept: boolean
}

type PartitionAnswers = { answers: QueuedAnswer[]; sinceMs: number; isOnItsWay: boolean }

/** Answers by partition; one batch of each is on its way at a time. Sizes count what is on its way too. */
export type AnswerQueue = {
  readonly push: (partition: number, answer: QueuedAnswer, nowMs: number) => void
  readonly size: () => number
  readonly bytes: () => number
  /** The partitions whose first answer came no later than that, at most so many, in turn. */
  readonly due: (sinceMs: number, most: number) => readonly number[]
  /** How many partitions are to be sent in a turn, so that all have theirs within the time. */
  readonly share: (turnMs: number, withinMs: number) => number
  /** Takes a batch of a partition: it is on its way until it is settled or given back. */
  readonly take: (partition: number) => readonly QueuedAnswer[]
  readonly settle: (partition: number, batch: readonly QueuedAnswer[]) => void
  readonly giveBack: (partition: number, batch: readonly QueuedAnswer[]) => void
}

const BATCH = 500
/** A partition with so many does not wait for more. */
const FULL = 250
const RECORD_BYTES = 200

export const answerQueue = (partitions: number): AnswerQueue => {
  const queues = Array.from(
    { length: partitions },
    (): PartitionAnswers => ({ answers: [], sinceMs: 0, isOnItsWay: false }),
  )
  let [size, bytes, turn] = [0, 0, 0]

  return {
    push: (partition, answer, nowMs) => {
      const queue = queues[partition]!
      if (queue.answers.length === 0) queue.sinceMs = nowMs
      queue.answers.push(answer)
      size += 1
      bytes += answer.value.length + RECORD_BYTES
    },
    size: () => size,
    bytes: () => bytes,
    due: (sinceMs, most) => {
      const found: number[] = []
      for (let step = 0; step < partitions && found.length < most; step++) {
        const partition = (turn + step) % partitions
        const { answers, sinceMs: since, isOnItsWay } = queues[partition]!
        if (!isOnItsWay && answers.length > 0 && (since <= sinceMs || answers.length >= FULL)) found.push(partition)
      }
      if (found.length > 0) turn = (found.at(-1)! + 1) % partitions
      return found
    },
    share: (turnMs, withinMs) => Math.ceil((partitions * turnMs) / withinMs),
    take: (partition) => {
      const queue = queues[partition]!
      queue.isOnItsWay = true
      const batch = queue.answers.slice(0, BATCH)
      queue.answers = queue.answers.slice(BATCH)
      return batch
    },
    settle: (partition, batch) => {
      queues[partition]!.isOnItsWay = false
      size -= batch.length
      for (const { value } of batch) bytes -= value.length + RECORD_BYTES
    },
    giveBack: (partition, batch) => {
      const queue = queues[partition]!
      queue.isOnItsWay = false
      queue.answers = [...batch, ...queue.answers]
    },
  }
}
