import type { Scouted, ScoutedForStudent } from '../../consumers/ports/scouted.ts'
import type { PartitionView, ProjectionReader } from '../../consumers/ports/store.ts'
import { encodeRecord } from '../../consumers/stored/record.ts'
import { ALWAYS_VALID, type EnrolmentView, type StudentAnswers } from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EndsLookup } from '../../src/pull/ends.ts'

/** A projection and a log whose every move a test decides, for interleavings that real servers show once in a blue moon. */
export const SIGNATURE = 'test'
export const PARTITIONS = 4
export const IDENTITY = 'log.0'

type Reading = 'student' | 'byCustom' | 'partitions' | 'ends' | 'heartbeats' | 'misrouting' | 'ahead' | 'scouted'

export type Scripted = {
  readonly ends: Map<number, number>
  readonly next: Map<number, number>
  readonly leases: Map<number, number>
  /** What was scanned ahead, and the marks of students in it. */
  readonly scouted: Map<number, Partial<ScoutedForStudent> & { readonly marks?: Readonly<Record<string, number>> }>
  readonly students: Map<string, { readonly partition: number; readonly answers: StudentAnswers }>
  readonly heartbeats: Map<string, number>
  readonly misrouting: Set<string>
  generation: number
  /** What the log calls itself. */
  identity: string
  /** Called before each of these reads is answered. */
  onRead: (what: Reading) => void | Promise<void>
  readonly reader: ProjectionReader
  readonly endsLookup: EndsLookup
  readonly partitionOf: (id: StudentId) => number
}

export const ENROLMENT: EnrolmentView = {
  grade: '5',
  yearStart: '2026',
  yearEnd: '2027',
  collectorCode: 'BLR-01',
  customIdentifier: null,
  now: { status: 'active', leftAt: null, leftOrder: 0, body: '{"fee":1}', wants: null },
  valid: ALWAYS_VALID,
  later: null,
}

export const answersOf = (
  enrolments: readonly Partial<EnrolmentView>[],
  part: Partial<StudentAnswers> = {},
): StudentAnswers => ({
  suspect: false,
  enrolments: enrolments.map((enrolment) => ({ ...ENROLMENT, ...enrolment })),
  last: { partition: 0, offset: 7 },
  sources: ['/erp/a'],
  ...part,
})

export const scripted = (): Scripted => {
  const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  const viewOf = (partition: number): PartitionView => {
    const next = script.next.get(partition)
    const provenAtMs = script.leases.get(partition)
    return {
      generation: script.generation,
      partition,
      checkpoint: next === undefined ? null : { next, metadata: `${SIGNATURE} ${IDENTITY} {}` },
      lease: provenAtMs === undefined || next === undefined ? null : { next, provenAtMs },
    }
  }
  const rangeOf = (partition: number): Scouted => {
    const { marks: _, mark: __, proof: ___, ...part } = script.scouted.get(partition) ?? {}
    return { identity: script.identity, from: 0, upTo: 0, everybody: -1, misrouted: -1, ...part }
  }
  const aheadOf = (partition: number, id: string): PartitionView => {
    const known = script.scouted.get(partition)
    const scouted = known ? { ...rangeOf(partition), mark: known.marks?.[id] ?? -1, proof: known.proof ?? null } : null
    return { ...viewOf(partition), scouted }
  }
  const script: Scripted = {
    ends: new Map(numbers.map((partition) => [partition, 10])),
    next: new Map(numbers.map((partition) => [partition, 10])),
    leases: new Map(),
    scouted: new Map(),
    students: new Map(),
    heartbeats: new Map(),
    misrouting: new Set(),
    generation: 1,
    identity: IDENTITY,
    onRead: () => {},
    partitionOf: (id) => script.students.get(id)?.partition ?? 0,
    endsLookup: async () => {
      const askedAtMs = Date.now()
      await script.onRead('ends')
      const ends = Array.from(
        script.ends,
        ([partition, next]) => [partition, { next, identity: script.identity, partitions: PARTITIONS }] as const,
      )
      return { ends: new Map(ends), askedAtMs }
    },
    reader: {
      student: async (partition, id) => {
        await script.onRead('student')
        const known = script.students.get(id)
        return { ...viewOf(partition), record: known ? encodeRecord(known.answers, '') : null }
      },
      studentAhead: async (partition, id) => {
        await script.onRead('ahead')
        const known = script.students.get(id)
        return { ...aheadOf(partition, id), record: known ? encodeRecord(known.answers, '') : null }
      },
      partitionsAhead: async (id) => {
        await script.onRead('ahead')
        return numbers.map((partition) => aheadOf(partition, id))
      },
      scouted: async () => {
        await script.onRead('scouted')
        return new Map([...script.scouted.keys()].map((partition) => [partition, rangeOf(partition)]))
      },
      byCustom: async (custom) => {
        await script.onRead('byCustom')
        const ids = [...script.students].filter(([, { answers }]) =>
          answers.enrolments.some(({ customIdentifier }) => customIdentifier === custom),
        )
        return { partitions: numbers.map(viewOf), ids: ids.map(([id]) => id as StudentId) }
      },
      partitions: async () => {
        await script.onRead('partitions')
        return numbers.map(viewOf)
      },
      heartbeats: async () => {
        await script.onRead('heartbeats')
        return new Map(script.heartbeats)
      },
      misroutingSources: async () => {
        await script.onRead('misrouting')
        return new Set(script.misrouting)
      },
      suspects: async () => [],
    },
  }
  return script
}
