import type { LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { foldStudent } from '../../consumers/projector/fold-student.ts'
import { sortBatch } from '../../consumers/projector/sort-batch.ts'
import { originalsIn } from '../../consumers/rerouting/originals.ts'
import { newMetadata } from '../../consumers/stored/checkpoint-metadata.ts'
import { stateOf } from '../../consumers/stored/record.ts'
import type { StudentAnswers } from '../../projections/answers/view.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import type { DeadLetter } from '../../projections/sequence/incoming-record.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { Student } from '../../projections/state/student.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { answersAt } from './answers-at.ts'

export type Projected = {
  readonly students: ReadonlyMap<string, { readonly answers: StudentAnswers<Buffer>; readonly state: Student }>
  readonly deadLetters: readonly DeadLetter[]
}

/**
 * A whole log through the product's own decoding, folding and encoding, record by record as if each were a batch.
 *
 * @param nowMs when the students are asked for
 */
export const projectLog = (
  log: readonly LogRecord[],
  policy: Policy,
  timezone: string,
  topic: string,
  partitions = 16,
  nowMs = Date.now(),
): Projected => {
  const rendering = { policy, calendar: calendarOf(timezone) }
  const records = new Map<StudentId, Buffer>()
  const tails = new Map(Array.from({ length: partitions }, (_, partition) => [partition, newMetadata('test', 'log.0')]))
  const deadLetters: DeadLetter[] = []
  const home = (id: StudentId): number => partitionOf(id, partitions)
  const originals = originalsIn(log, home)
  for (const record of log) {
    const plan = sortBatch([record], tails.get(record.partition)!, topic, home, originals)
    tails.set(record.partition, plan.metadata)
    deadLetters.push(
      ...plan.strays.map(({ place, detail, where }): DeadLetter => ({ place, detail, where, reason: 'poison' })),
    )
    for (const [identifier, items] of plan.shares) {
      const folded = foldStudent({ identifier, items }, records.get(identifier) ?? null, rendering)
      records.set(identifier, folded.record)
      deadLetters.push(...folded.deadLetters)
    }
  }
  const students = new Map(
    [...records].map(([id, bytes]) => [
      id as string,
      { answers: answersAt(bytes, id, rendering, nowMs), state: decodeState(stateOf(bytes)) },
    ]),
  )
  return { students, deadLetters }
}
