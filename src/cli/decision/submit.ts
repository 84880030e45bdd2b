import { loadStudents } from '../../../consumers/dead-letters/read.ts'
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

/** What a command's decisions ask of log and store. Hundreds that wait at the same time share their questions. */
export type Decisions = {
  readonly config: Config
  readonly studentNow: (identifier: StudentId) => Promise<Student | null>
  readonly submit: (identifier: StudentId, record: NewRecord) => Promise<Submitted>
}

export const openDecisions = ({ log, store }: Engine, config: Config): Decisions => {
  const { partitions } = config.topic
  const generationNow = async (): Promise<number> => (await store.admin.activeGeneration()) ?? 0

  type Loading = { readonly ids: Set<StudentId>; readonly students: Promise<ReadonlyMap<StudentId, Student | null>> }
  const loading = new Map<number, Loading>()
  /** One read for those who are asked for in one turn of the event loop. */
  const load = (partition: number): Loading => {
    const ids = new Set<StudentId>()
    const students = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      loading.delete(partition)
      return loadStudents(store.writer, await generationNow(), partition, [...ids])
    })
    const started = { ids, students }
    loading.set(partition, started)
    return started
  }
  const studentNow: Decisions['studentNow'] = async (identifier) => {
    const partition = partitionOf(identifier, partitions)
    const { ids, students } = loading.get(partition) ?? load(partition)
    ids.add(identifier)
    return (await students).get(identifier) ?? null
  }

  const polls = new Map<number, Promise<number>>()
  /** The checkpoint, some milliseconds from now. */
  const nextCheckpoint = (partition: number): Promise<number> => {
    const poll =
      polls.get(partition) ??
      new Promise((resolve) => setTimeout(resolve, POLL_MS)).then(async () => {
        polls.delete(partition)
        return (await store.writer.checkpoint(await generationNow(), partition))?.next ?? 0
      })
    polls.set(partition, poll)
    return poll
  }

  return {
    config,
    studentNow,
    submit: async (identifier, record) => {
      const [position] = await log.append([record])
      const { partition, offset } = position!
      const at = `${partition}:${offset}`
      for (const until = Date.now() + APPLIED_WITHIN_MS; Date.now() < until; )
        if ((await nextCheckpoint(partition)) > offset) return { at, after: await studentNow(identifier) }
      return { at, after: null }
    },
  }
}

export const notYetApplied = ({ at }: Submitted): string =>
  `decided: in the log at ${at}, but no projector has applied it yet`
