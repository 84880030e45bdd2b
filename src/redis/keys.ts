import type { StudentId } from '../../projections/values/ids.ts'

/**
 * The layout of the projection in Redis; every key that Pullgate writes is named here and nowhere else. It is a stored
 * format: a change needs a new generation.
 *
 * `pg:<generation>:{<partition>}:…`, so that everything of one partition is in one hash slot; the first pair of braces
 * counts, so identifiers may hold braces.
 *
 * | key             | type       | holds                                                                              |
 * |-----------------|------------|------------------------------------------------------------------------------------|
 * | `…cp`           | string     | checkpoint: `<next> <tail>`; or `retired`, for ever, once the generation is removed |
 * | `…lease`        | string     | `<next> <provenAtMs>`, with an absolute expiry by Redis's own clock                 |
 * | `…s:<id>`       | string     | a student's record                                                                 |
 * | `…custom`       | sorted set | `<custom_identifier>\0<identifier>`, all of score 0, read by range                  |
 * | `…suspects`     | set        | identifiers                                                                        |
 * | `…heartbeats`   | hash       | source → Unix milliseconds of its youngest heartbeat                               |
 * | `…misrouting`   | set        | sources                                                                            |
 *
 * What was scanned of a partition's log ahead of what is applied belongs to no generation: `pg:{<partition>}:…`
 *
 * | key        | type       | holds                                                                  |
 * |------------|------------|------------------------------------------------------------------------|
 * | `…scouted` | string     | `<log identity> <from> <upTo> <everybody> <misrouted>`                 |
 * | `…marks`   | sorted set | identifier → offset of the last record that may concern the student    |
 * | `…proof`   | string     | `<end> <provenAtMs>`, with an absolute expiry by Redis's own clock     |
 *
 * What was answered lately belongs to no generation either: it is about answers, whichever generation gave them.
 *
 * | key                       | type   | holds                                             |
 * |---------------------------|--------|---------------------------------------------------|
 * | `pg:{store}:active`       | string | the generation that pulls read                    |
 * | `pg:{store}:former`       | string | the generation that they read before              |
 * | `pg:{store}:building`     | string | the generation under construction                 |
 * | `pg:{store}:leftovers`    | set    | generations to be removed                         |
 * | `pg:{store}:removing`     | set    | generations whose removal has begun               |
 * | `pg:{store}:builder`      | string | who may build, for a while                        |
 * | `pg:{store}:generations`  | string | the highest generation number that was given out  |
 * | `pg:{store}:topic`        | string | the topic that this Redis belongs to              |
 * | `pg:{store}:recorders`    | hash   | gateway process → `<answers numbered> <seen at>`; |
 * |                           |        | `<process>:lost` → `<answers lost> <seen at>`     |
 * | `pg:{<partition>}:a:<id>` | string | recent answers, a line each; with a time to live  |
 */
export type PartitionKeys = {
  readonly checkpoint: string
  readonly lease: string
  readonly custom: string
  readonly suspects: string
  readonly heartbeats: string
  readonly misrouting: string
  readonly student: (id: StudentId) => string
}

export const partitionKeys = (generation: number, partition: number): PartitionKeys => {
  const prefix = `pg:${generation}:{${partition}}:`
  return {
    checkpoint: `${prefix}cp`,
    lease: `${prefix}lease`,
    custom: `${prefix}custom`,
    suspects: `${prefix}suspects`,
    heartbeats: `${prefix}heartbeats`,
    misrouting: `${prefix}misrouting`,
    student: (id) => `${prefix}s:${id}`,
  }
}

export const scoutKeys = (partition: number) => ({
  scouted: `pg:{${partition}}:scouted`,
  marks: `pg:{${partition}}:marks`,
  proof: `pg:{${partition}}:proof`,
})

export const storeKeys = {
  active: 'pg:{store}:active',
  former: 'pg:{store}:former',
  building: 'pg:{store}:building',
  leftovers: 'pg:{store}:leftovers',
  removing: 'pg:{store}:removing',
  builder: 'pg:{store}:builder',
  generations: 'pg:{store}:generations',
  topic: 'pg:{store}:topic',
  recorders: 'pg:{store}:recorders',
}

/** In the hash slot of the student's record. */
export const answersKey = (partition: number, id: StudentId): string => `pg:{${partition}}:a:${id}`

/** A SCAN pattern: a generation's prefix holds no character with a special meaning. */
export const generationPattern = (generation: number): string => `pg:${generation}:{*`
export const studentPattern = (generation: number): string => `pg:${generation}:{*}:s:*`

const studentKey = /^pg:\d+:\{(\d+)\}:s:(.*)$/su

/** Parses a key that `student` made; `null` for any other key. */
export const parseStudentKey = (key: string): { readonly partition: number; readonly identifier: StudentId } | null => {
  const match = studentKey.exec(key)
  return match === null ? null : { partition: Number(match[1]), identifier: match[2] as StudentId }
}

export const isCheckpointKey = (key: string): boolean => /^pg:\d+:\{\d+\}:cp$/u.test(key)

/** Leases, proofs and the build lock are short-lived, and an early loss of one does no harm. */
export const mayExpire = (key: string): boolean =>
  key === storeKeys.builder || /^pg:\d+:\{\d+\}:lease$/u.test(key) || /^pg:\{\d+\}:proof$/u.test(key)
