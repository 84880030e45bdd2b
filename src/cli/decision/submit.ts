import { loadStudent } from '../../../consumers/dead-letters/read.ts'
import { decode } from '../../../consumers/events/decode.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import type { NewRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { RESOLVED } from '../../../projections/events/event.ts'
import { fold } from '../../../projections/sequence/fold.ts'
import type { Folded } from '../../../projections/sequence/incoming-record.ts'
import type { Student } from '../../../projections/state/student.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { Config } from '../../config/load.ts'
import { decisionRecord, type OperatorDecision } from './decision-record.ts'

/** A decision as it would come out on the state as it is: what would have no effect is not written at all. */
export type Tried = {
  readonly record: NewRecord
  readonly before: Student
  readonly folded: Folded
  readonly hasEffect: boolean
}

export const studentNow = async (
  { store }: Engine,
  { topic }: Config,
  identifier: StudentId,
): Promise<Student | null> => {
  const generation = (await store.admin.activeGeneration()) ?? 0
  return loadStudent(store.writer, generation, partitionOf(identifier, topic.partitions), identifier)
}

export const tryDecision = (
  { topic, timezone }: Config,
  identifier: StudentId,
  before: Student,
  decision: OperatorDecision,
): Tried => {
  const record = decisionRecord(topic.name, partitionOf(identifier, topic.partitions), identifier, decision)
  const decoded = decode({ ...record, offset: 0, timestampMs: Date.now() })
  if (decoded.kind !== 'student' || decoded.content.kind !== 'resolution')
    throw new Error('the decision is not read as one')
  const folded = fold(before, decoded.content, calendarOf(timezone))
  const hasEffect = folded.outcomes.some(({ type, outcome }) => type === RESOLVED && outcome === 'applied')
  return { record, before, folded, hasEffect }
}

const APPLIED_WITHIN_MS = 10_000
const POLL_MS = 20

/** `after`: the student once a projector has applied the decision; `null` where none has within ten seconds. */
export type Submitted = { readonly at: string; readonly after: Student | null }

export const submit = async (
  engine: Engine,
  config: Config,
  identifier: StudentId,
  record: NewRecord,
): Promise<Submitted> => {
  const { log, store } = engine
  const [position] = await log.append([record])
  const { partition, offset } = position!
  const until = Date.now() + APPLIED_WITHIN_MS
  while (Date.now() < until) {
    const generation = (await store.admin.activeGeneration()) ?? 0
    const checkpoint = await store.writer.checkpoint(generation, partition)
    if (checkpoint && checkpoint.next > offset)
      return { at: `${partition}:${offset}`, after: await studentNow(engine, config, identifier) }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return { at: `${partition}:${offset}`, after: null }
}

export const notYetApplied = ({ at }: Submitted): string =>
  `decided: in the log at ${at}, but no projector has applied it yet`
