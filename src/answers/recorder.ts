import { randomBytes } from 'node:crypto'
import type { Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import type { RecentAnswers } from '../../consumers/ports/recent-answers.ts'
import type { AnsweredPull } from '../pull/port.ts'
import { type AnswerQueue, answerQueue, type QueuedAnswer } from './answer-queue.ts'
import { encodeAnswer } from './encode-answer.ts'
import { keyedHash, keyFingerprint } from './keyed-hash.ts'
import { recorderHeader, signatureFingerprint } from './recorder-header.ts'
import { lossesOf } from './recorder-losses.ts'

export type RecorderDeps = {
  /** The topic of answers. */
  readonly topic: string
  readonly partitions: number
  readonly append: Log['append']
  readonly recent: RecentAnswers
  readonly key: string
  /** Which fold, policy and timezone make the answers. */
  readonly signature: string
  /** How long a change of an answer counts. */
  readonly watchMs: number
  /** Unix milliseconds. */
  readonly clock: () => number
  readonly onRecorded: (count: number) => void
  readonly onLost: (count: number) => void
  /** `null`: answers are recorded again. Free of personal data. */
  readonly onTrouble: (why: unknown) => void
}

export type Recorder = {
  /** Takes an answer that was sent; costs the caller a push. */
  readonly record: (answered: AnsweredPull) => void
  /** Records what is waiting, within a bounded time; what is left is lost. */
  readonly close: () => Promise<void>
}

/**
 * Records answers behind the caller's back. What happens to one:
 *
 *     sent ──record──▶ pending ──next turn──▶ queued by partition ──batch──▶ on its way ──▶ recorded
 *                         │ full                                   ▲            │
 *                         ▼                                        └──unavailable, after a pause
 *                       lost ◀──────────────────────────────────────── refused, or ended in time
 *
 * While the log cannot be reached, one partition at a time tries it, ever more seldom. An append whose outcome is unknown
 * is repeated: readers know a repetition by its number.
 */
export const recorder = (deps: RecorderDeps): Recorder => {
  const { append, recent, clock, onRecorded, onLost, onTrouble } = deps
  const name = randomBytes(6).toString('hex')
  const hashed = keyedHash(deps.key)
  const mark = {
    recorder: name,
    key: keyFingerprint(hashed),
    signature: signatureFingerprint(deps.signature),
  }
  const queue: AnswerQueue = answerQueue(deps.partitions)
  let pending: { readonly answered: AnsweredPull; readonly number: number; readonly atMs: number }[] = []
  let numbered = 0
  let timer: NodeJS.Timeout | null = null
  let trouble: { readonly failures: number; readonly againAtMs: number } | null = null
  let sending = 0
  let lost = 0
  let lostInStore = 0

  const lose = (count: number): void => {
    lost += count
    if (count > 0) onLost(count)
  }

  /** In the turn after the answer was sent; few at a time, so that no pull waits for a heap of them. */
  const encodePending = (): void => {
    const taken = pending
    pending = []
    for (const { answered, number, atMs } of taken) {
      try {
        const { identifier, ...encoded } = encodeAnswer(answered, hashed, atMs)
        const partition = identifier === null ? number % deps.partitions : partitionOf(identifier, deps.partitions)
        const view = answered.answer.about.partitions.find((one) => one.partition === partition)
        const applied = view?.checkpoint?.next ?? null
        queue.push(partition, { ...encoded, number, applied, isKept: false }, performance.now())
      } catch (error) {
        lose(1)
        onTrouble(error)
      }
    }
    schedule()
  }

  /** Once for each answer, whatever becomes of it in the log. A lost line costs a counter its count. */
  const keep = (partition: number, batch: readonly QueuedAnswer[]): void => {
    const lines = batch.flatMap(({ line, isKept }) => (isKept || line === null ? [] : [line]))
    for (const answer of batch) answer.isKept = true
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE)
      recent.add(partition, lines.slice(from, from + LINES_AT_ONCE), deps.watchMs).catch(() => {})
  }

  const send = async (partition: number): Promise<void> => {
    const batch = queue.take(partition)
    sending += 1
    try {
      keep(partition, batch)
      const sentAtMs = clock()
      await append(
        batch.map(({ key, value, number, applied }) => ({
          topic: deps.topic,
          partition,
          key,
          value,
          headers: [recorderHeader({ ...mark, number, applied, sentAtMs })],
          timestampMs: sentAtMs,
        })),
      )
      queue.settle(partition, batch)
      onRecorded(batch.length)
      if (trouble !== null) onTrouble(null)
      trouble = null
    } catch (error) {
      failed(partition, batch, error)
    } finally {
      sending -= 1
    }
  }

  const failed = (partition: number, batch: readonly QueuedAnswer[], error: unknown): void => {
    if (error instanceof LogError && error.code === 'refused') {
      queue.settle(partition, batch)
      lose(batch.length)
    } else queue.giveBack(partition, batch)
    const failures = (trouble?.failures ?? 0) + 1
    trouble = { failures, againAtMs: performance.now() + Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** failures) }
    onTrouble(error)
  }

  const turn = (): void => {
    timer = null
    const nowMs = performance.now()
    const mayTry =
      trouble === null ? queue.share(TURN_MS, LINGER_MS) : nowMs >= trouble.againAtMs && sending === 0 ? 1 : 0
    for (const partition of queue.due(nowMs - LINGER_MS, mayTry)) void send(partition).finally(schedule)
    schedule()
  }

  const schedule = (): void => {
    if (timer !== null || queue.size() === 0) return
    const pauseMs = trouble === null ? 0 : trouble.againAtMs - performance.now()
    timer = setTimeout(turn, Math.max(TURN_MS, pauseMs))
  }

  /** Kept after the end: losses before the first or after the last recorded answer leave no hole in the log's numbers. */
  const keepLosses = async (): Promise<void> => {
    const count = lost
    if (count === lostInStore) return
    await recent.heartbeat(lossesOf(name), count, HEARTBEAT_TTL_MS)
    lostInStore = count
  }

  const beat = (): void => {
    recent.heartbeat(name, numbered, HEARTBEAT_TTL_MS).catch(() => {})
    keepLosses().catch(() => {})
  }
  beat()
  const heart = setInterval(beat, HEARTBEAT_MS)
  heart.unref()

  return {
    record: (answered) => {
      numbered += 1
      if (pending.length + queue.size() >= MOST_ANSWERS || queue.bytes() >= MOST_BYTES) return lose(1)
      if (pending.length === 0) setImmediate(encodePending)
      pending.push({ answered, number: numbered, atMs: clock() })
    },
    close: async () => {
      clearInterval(heart)
      encodePending()
      const until = performance.now() + CLOSE_MS
      while ((queue.size() > 0 || sending > 0) && performance.now() < until) {
        if (trouble === null)
          for (const partition of queue.due(Number.POSITIVE_INFINITY, deps.partitions)) void send(partition)
        await new Promise((resolve) => setTimeout(resolve, TURN_MS))
      }
      if (timer !== null) clearTimeout(timer)
      lose(queue.size())
      await keepLosses().catch(() => {})
      // One that lost its last answers must not look like one that ended in good order.
      await (queue.size() === 0 ? recent.ended(name) : recent.heartbeat(name, numbered, HEARTBEAT_TTL_MS)).catch(
        () => {},
      )
    },
  }
}

/** How long an answer waits for others at most. */
const LINGER_MS = 200
const TURN_MS = 20
const AGAIN_MS = 250
const AGAIN_MOST_MS = 5000
const CLOSE_MS = 3000
/** The store serves nobody else while it takes them: some 0.3 ms. */
const LINES_AT_ONCE = 100
const MOST_ANSWERS = 20_000
const MOST_BYTES = 16 * 1024 * 1024
const HEARTBEAT_MS = 2000
const HEARTBEAT_TTL_MS = 32 * 86_400_000
