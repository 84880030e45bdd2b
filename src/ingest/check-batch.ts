import { isLarge } from '../../consumers/events/decode-in-turns.ts'
import { readRecord } from '../../consumers/events/envelope.ts'
import { longStep } from '../../consumers/events/long-steps.ts'
import { addressOf, type EventProblem, type ValidatedRecord, validateRecord } from '../../consumers/events/validate.ts'
import type { NewRecord } from '../../consumers/ports/log.ts'
import type { EventCandidate } from './to-records.ts'

export type IngestTopic = { readonly name: string; readonly partitions: number }

/** `index` is the event's place in the batch. */
export type BatchProblem = { readonly index: number } & EventProblem

/** `isCut`: more problems may exist. `alien`: the first event with a source that the client may not publish as. */
export type CheckedBatch =
  | { readonly kind: 'good'; readonly records: readonly NewRecord[] }
  | { readonly kind: 'invalid'; readonly problems: readonly BatchProblem[]; readonly isCut: boolean }
  | { readonly kind: 'alien'; readonly index: number }

/** More problems help no reader, and finding all of them would cost more than the batch. */
const MAX_PROBLEMS = 100
/** Milliseconds after which other requests get their turn. */
const TURN_MS = 10

/** Reading may be half of the work for an event of 1 MiB. */
const validateInTurns = async (record: EventCandidate['record']): Promise<ValidatedRecord> => {
  const read = await longStep(() => readRecord(record))
  return longStep(() => validateRecord(record, read))
}

/**
 * Checks the whole batch: one invalid event refuses the batch. Each valid event gets its key, which decides its
 * partition. The check stops at the hundredth problem.
 */
export const checkBatch = async (
  candidates: readonly EventCandidate[],
  publish: ReadonlySet<string>,
  topic: IngestTopic,
): Promise<CheckedBatch> => {
  const records: NewRecord[] = []
  const problems: BatchProblem[] = []
  let alien: number | null = null
  let turnMs = performance.now()
  const turn = async (): Promise<void> => {
    await longStep(() => {})
    turnMs = performance.now()
  }
  for (const [index, { record, problems: known }] of candidates.entries()) {
    if (performance.now() - turnMs > TURN_MS) await turn()
    const inspected = isLarge(record) ? await validateInTurns(record) : validateRecord(record)
    const found = inspected.kind === 'invalid' ? [...known, ...inspected.problems.slice(0, MAX_PROBLEMS)] : known
    for (const { pointer, message } of found) problems.push({ index, pointer, message })
    if (problems.length >= MAX_PROBLEMS)
      return { kind: 'invalid', problems: problems.slice(0, MAX_PROBLEMS), isCut: true }
    if (inspected.kind === 'invalid') continue
    if (!publish.has(inspected.source)) alien ??= index
    records.push({
      topic: topic.name,
      ...addressOf(inspected, topic.partitions),
      value: record.value,
      headers: record.headers,
    })
  }
  if (problems.length > 0) return { kind: 'invalid', problems, isCut: false }
  return alien === null ? { kind: 'good', records } : { kind: 'alien', index: alien }
}
