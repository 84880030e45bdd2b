import { addressOf, type EventProblem, validateRecord } from '../../consumers/events/validate.ts'
import type { NewRecord } from '../../consumers/ports/log.ts'
import type { EventCandidate } from './to-records.ts'

export type IngestTopic = { readonly name: string; readonly partitions: number }

/** `index` is the event's place in the batch. */
export type BatchProblem = { readonly index: number } & EventProblem

/** `alien`: the first event whose source the client may not publish as. */
export type CheckedBatch =
  | { readonly kind: 'good'; readonly records: readonly NewRecord[] }
  | { readonly kind: 'invalid'; readonly problems: readonly BatchProblem[]; readonly total: number }
  | { readonly kind: 'alien'; readonly index: number }

/** More problems than anybody reads would make an answer much larger than its request. */
const MAX_TOLD = 1_000

/** The whole batch, one bad event of which spoils it; each good one under its key, for its partition. */
export const checkBatch = (
  candidates: readonly EventCandidate[],
  publish: ReadonlySet<string>,
  topic: IngestTopic,
): CheckedBatch => {
  const records: NewRecord[] = []
  const problems: BatchProblem[] = []
  let total = 0
  let alien: number | null = null
  for (const [index, { record, problems: known }] of candidates.entries()) {
    const inspected = validateRecord(record)
    const found = inspected.kind === 'invalid' ? [...known, ...inspected.problems] : known
    total += found.length
    for (const { pointer, message } of found.slice(0, Math.max(0, MAX_TOLD - problems.length)))
      problems.push({ index, pointer, message })
    if (inspected.kind === 'invalid') continue
    if (!publish.has(inspected.source)) alien ??= index
    records.push({
      topic: topic.name,
      ...addressOf(inspected, topic.partitions),
      value: record.value,
      headers: record.headers,
    })
  }
  if (total > 0) return { kind: 'invalid', problems, total }
  return alien === null ? { kind: 'good', records } : { kind: 'alien', index: alien }
}
