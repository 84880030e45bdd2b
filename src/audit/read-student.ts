import type { Engine } from '../../consumers/ports/engine.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { answerAt } from '../../consumers/stored/answer-at.ts'
import { hasSignature, signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import { decodeRecord, stateOf } from '../../consumers/stored/record.ts'
import type { EnrolmentView, Phase, StudentAnswers } from '../../projections/answers/view.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { Student } from '../../projections/state/student.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Config } from '../config/load.ts'

/** What the projection knows of a student, and how far it has read the student's partition. */
export type StudentReading = {
  readonly partition: number
  readonly generation: number | null
  /** The first offset that is not applied; `null`: nothing was projected yet. */
  readonly applied: number | null
  readonly end: number
  /** Whether the answers were made by this fold under this policy; only then a gateway serves them. */
  readonly isOurs: boolean
  /** `null`: unknown. */
  readonly known: {
    readonly state: Student
    readonly answers: StudentAnswers<Buffer>
    /** What one of the enrolments answers at a moment, Unix milliseconds. */
    readonly answerOf: (enrolment: EnrolmentView<Buffer>, nowMs: number) => Phase<Buffer>
  } | null
}

export const readStudent = async (
  { log, store }: Engine,
  config: Config,
  identifier: StudentId,
): Promise<StudentReading> => {
  const { topic, policy, timezone } = config
  const partition = partitionOf(identifier, topic.partitions)
  const rendering = { policy, calendar: calendarOf(timezone) }
  const end = (await log.endOffsets(topic.name, [partition])).get(partition) ?? 0
  const { generation, checkpoint, record } = await store.reader.student(partition, identifier)
  const signature = signatureOf(policy, timezone, topic.name, topic.partitions)
  const isOurs = checkpoint === null || hasSignature(checkpoint.metadata, signature)
  return {
    partition,
    generation,
    applied: checkpoint?.next ?? null,
    end,
    isOurs,
    known:
      record && isOurs
        ? {
            state: decodeState(stateOf(record)),
            answers: decodeRecord(Buffer.from(record)),
            answerOf: (enrolment, nowMs) => answerAt(record, identifier, enrolment, rendering, nowMs),
          }
        : null,
  }
}

/** In words: whether everything that was published is applied. */
export const freshnessText = ({ applied, end, partition, isOurs, generation }: StudentReading): string => {
  if (generation === null || applied === null) return 'nothing of this partition was projected yet'
  if (!isOurs)
    return 'the projection was made by another version, policy, timezone, topic or partition count: this one does not read it'
  if (applied >= end) return `everything up to ${partition}:${end - 1} is applied`
  return `behind: applied up to ${partition}:${applied - 1}, the log reaches ${partition}:${end - 1}`
}
