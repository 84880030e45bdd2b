import type { LogRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { foldStudent } from '../../../consumers/projector/fold-student.ts'
import { sortBatch } from '../../../consumers/projector/sort-batch.ts'
import { originalsIn } from '../../../consumers/rerouting/originals.ts'
import { reroutedMark } from '../../../consumers/rerouting/reroute.ts'
import { type CheckpointMetadata, newMetadata } from '../../../consumers/stored/checkpoint-metadata.ts'
import type { Rendering, StudentAnswers } from '../../../projections/answers/view.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { answersAt } from '../../support/answers-at.ts'

/** What a student's answers are today, once everything before `next` is applied. */
export type Version = { readonly next: number; readonly answers: StudentAnswers<Buffer> }

/** A record that landed on a wrong partition. */
export type Stray = {
  readonly identifier: StudentId
  readonly source: string | null
  readonly partition: number
  readonly offset: number
}

/** Which log: the topic's name and its id, which moved records bear. */
export type LogTopic = { readonly name: string; readonly id: string }

/** What a whole log says: the truth that no fault may change. */
export type Truth = {
  readonly topic: LogTopic
  /** When the answers of the versions are given, Unix milliseconds. */
  readonly nowMs: number
  readonly log: readonly (readonly LogRecord[])[]
  readonly records: ReadonlyMap<StudentId, Buffer>
  readonly versions: ReadonlyMap<StudentId, readonly Version[]>
  /** `partition:offset reason`. */
  readonly letters: ReadonlySet<string>
  readonly strays: readonly Stray[]
  /** `partition/offset` of a stray → the offsets, on its right partition, at which it was applied. */
  readonly moved: ReadonlyMap<string, readonly number[]>
  /** When each publisher said that it was alive, by the time of its records. */
  readonly heartbeats: ReadonlyMap<string, readonly number[]>
}

/** Folds the log record by record, as if nothing had ever gone wrong. */
export const truthOf = (
  log: readonly (readonly LogRecord[])[],
  topic: string,
  rendering: Rendering,
  topicId: string,
  nowMs = Date.now(),
): Truth => {
  const records = new Map<StudentId, Buffer>()
  const versions = new Map<StudentId, Version[]>()
  const letters = new Set<string>()
  const strays: Stray[] = []
  const moved = new Map<string, number[]>()
  const heartbeats = new Map<string, number[]>()
  const noteLetter = (place: { partition: number; offset: number }, reason: string): void =>
    void letters.add(`${place.partition}:${place.offset} ${reason}`)

  const home = (id: StudentId): number => partitionOf(id, log.length)
  const originals = originalsIn(log.flat(), home)
  for (const partition of log) {
    let metadata: CheckpointMetadata = newMetadata('truth', `${topicId}.0`)
    for (const record of partition) {
      const plan = sortBatch([record], metadata, topic, home, originals)
      metadata = plan.metadata
      for (const { place } of plan.strays) noteLetter(place, 'poison')
      for (const [source, ms] of plan.heartbeats) heartbeats.set(source, [...(heartbeats.get(source) ?? []), ms])
      for (const { identifier, source } of plan.misrouted)
        strays.push({ identifier, source, partition: record.partition, offset: record.offset })
      for (const [identifier, items] of plan.shares) {
        const folded = foldStudent({ identifier, items }, records.get(identifier) ?? null, rendering)
        records.set(identifier, folded.record)
        const known = versions.get(identifier) ?? []
        known.push({ next: record.offset + 1, answers: answersAt(folded.record, identifier, rendering, nowMs) })
        versions.set(identifier, known)
        for (const { place, reason } of folded.deadLetters) noteLetter(place, reason)
        const from = reroutedMark(record, topic, topicId)?.from
        if (from) {
          const origin = `${from.partition}/${from.offset}`
          moved.set(origin, [...(moved.get(origin) ?? []), record.offset])
        }
      }
    }
  }
  return { topic: { name: topic, id: topicId }, nowMs, log, records, versions, letters, strays, moved, heartbeats }
}

/** The branches whose publisher had not been heard of lately when a pull was made, and was not until it was answered. */
export const silentBranches = (
  { heartbeats }: Truth,
  watched: readonly { readonly branch: string; readonly source: string; readonly maxAgeMs: number }[],
  askedMs: number,
  answeredMs: number,
): readonly string[] =>
  watched
    .filter(({ source, maxAgeMs }) => {
      const heard = heartbeats.get(source) ?? []
      return !heard.some((ms) => ms >= Math.floor(askedMs) - maxAgeMs && ms <= answeredMs)
    })
    .map(({ branch }) => branch)

/** What was moved and applied twice, and what was never moved. */
export const misplaced = ({ strays, moved }: Truth): readonly string[] => [
  ...strays
    .filter(({ partition, offset }) => !moved.has(`${partition}/${offset}`))
    .map(({ partition, offset }) => `lost: the stray ${partition}:${offset} was never applied where it belongs`),
  ...[...moved]
    .filter(([, offsets]) => offsets.length > 1)
    .map(([origin, offsets]) => `doubled: the stray ${origin} was applied at ${offsets.join(' and ')}`),
]
