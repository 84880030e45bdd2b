import { standingOf } from '../../consumers/dead-letters/read.ts'
import { decode } from '../../consumers/events/decode.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { foldStudent } from '../../consumers/projector/fold-student.ts'
import { sortBatch } from '../../consumers/projector/sort-batch.ts'
import { originalsIn } from '../../consumers/rerouting/originals.ts'
import { answerAt } from '../../consumers/stored/answer-at.ts'
import { newMetadata } from '../../consumers/stored/checkpoint-metadata.ts'
import { decodeRecord, stateOf } from '../../consumers/stored/record.ts'
import { type EnrolmentFilter, findMatch } from '../../projections/answers/lookup.ts'
import type { EnrolmentView, Phase, StudentAnswers } from '../../projections/answers/view.ts'
import type { DeadLetter } from '../../projections/sequence/incoming-record.ts'
import { decodeState } from '../../projections/state/state.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { IsoDate, StudentId } from '../../projections/values/ids.ts'
import { modelOf, type StudentView, type World } from '../model/model.ts'
import type { LogRecord, Outcome } from '../model/types.ts'
import { asWritten, type Generated, PARTITIONS, TIMEZONE, TOPIC, TOPIC_ID } from './compare-world.ts'
import { randomOf } from './generate-random.ts'
import { OUR_WORDS } from './real-log.ts'

type Answering = StudentAnswers<Buffer> & {
  readonly at: (enrolment: EnrolmentView<Buffer>, nowMs: number) => Phase<Buffer>
}

/** What the product makes of a log, through its own decoding, folding and stored bytes. */
export type Projected = {
  readonly students: ReadonlyMap<string, Answering>
  readonly deadLetters: readonly (DeadLetter & { readonly settled: boolean })[]
  /** By "partition:offset". */
  readonly outcomes: ReadonlyMap<string, readonly string[]>
}

/** One for all: making it takes longer than folding a history. */
const calendar = calendarOf(TIMEZONE)
/** None before the last event: what was then is never asked. */
const DAYS = ['2026-06-15', '2026-07-20', '2030-01-01'] as const

/** @param seed decides where batches end */
export const projected = ({ policy, log }: Generated, seed: number): Projected => {
  const random = randomOf(seed)
  const records = new Map<StudentId, Buffer>()
  const tails = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, newMetadata('test', 'log.0')]))
  const letters: DeadLetter[] = []
  const outcomes = new Map<string, string[]>()
  const written = asWritten(log)
  const home = (id: StudentId): number => partitionOf(id, PARTITIONS)
  const originals = originalsIn(written, home)
  for (const batch of batchesOf(written, random)) {
    const { partition } = batch[0]!
    const plan = sortBatch(batch, tails.get(partition)!, TOPIC, home, originals)
    tails.set(partition, plan.metadata)
    letters.push(
      ...plan.strays.map(({ place, detail, where }): DeadLetter => ({ place, detail, where, reason: 'poison' })),
    )
    for (const [identifier, items] of plan.shares) {
      const folded = foldStudent({ identifier, items }, records.get(identifier) ?? null, { policy, calendar })
      records.set(identifier, folded.record)
      letters.push(...folded.deadLetters)
      for (const { place, outcome } of folded.outcomes) {
        const key = `${place.partition}:${place.offset}`
        outcomes.set(key, [...(outcomes.get(key) ?? []), outcome])
      }
    }
  }
  const byPlace = new Map(written.map((record) => [`${record.partition}:${record.offset}`, record]))
  return {
    students: new Map(
      [...records].map(([id, bytes]): [string, Answering] => [
        id,
        {
          ...decodeRecord(bytes),
          at: (enrolment, nowMs) => answerAt(bytes, id, enrolment, { policy, calendar }, nowMs),
        },
      ]),
    ),
    deadLetters: letters.map((one) => ({ ...one, settled: isSettled(one, byPlace, records) })),
    outcomes,
  }
}

/** As the operator's tools tell it; a letter of nobody is settled. */
const isSettled = (
  { place }: DeadLetter,
  written: ReadonlyMap<string, LogRecord>,
  records: ReadonlyMap<StudentId, Buffer>,
): boolean => {
  const decoded = decode(written.get(`${place.partition}:${place.offset}`)!)
  const stored = decoded.kind === 'student' ? records.get(decoded.identifier) : undefined
  if (decoded.kind !== 'student' || stored === undefined) return true
  return standingOf(decodeState(stateOf(stored)), { ...place, source: decoded.source }) === 'settled'
}

/** Each partition's records in its order, in batches of any size. */
function* batchesOf(log: readonly LogRecord[], random: ReturnType<typeof randomOf>): Generator<LogRecord[]> {
  const waiting = new Map<number, LogRecord[]>()
  for (const record of log) {
    const batch = waiting.get(record.partition) ?? []
    batch.push(record)
    waiting.set(record.partition, batch)
    if (!random.chance(0.1)) continue
    waiting.delete(record.partition)
    yield batch
  }
  yield* waiting.values()
}

/** Everything in which the product and the model differ, in words; empty where they agree. */
export const differences = (world: Generated, seed: number): string[] => {
  const model = modelOf(world.log, world.policy, { id: TOPIC_ID, partitions: PARTITIONS })
  const product = projected(world, seed)
  const ids = [...new Set([...model.students.keys(), ...product.students.keys()])]
  const beyond = model.deadLetters.filter(({ isCounted }) => !isCounted)
  const flood = new Set(beyond.map(({ partition, offset }) => `${partition}:${offset}`))
  return [
    ...ids.flatMap((id) => studentDifferences(id, product.students.get(id), model.students.get(id))),
    ...unequal(
      'dead letters',
      lettersSaid(product.deadLetters, flood),
      lettersSaid(model.deadLetters.map(asLetter), flood),
    ),
    ...outcomeDifferences(product.outcomes, model.outcomes, world.log),
    ...lookupDifferences(product, model, ids),
  ]
}

const unequal = (what: string, product: unknown, model: unknown): string[] => {
  const [one, other] = [JSON.stringify(product), JSON.stringify(model)]
  return one === other ? [] : [`${what}\n  product: ${one}\n  model:   ${other}`]
}

const noonOf = (day: string): number => calendar.startOf(day as IsoDate) + 12 * 3_600_000

const studentDifferences = (id: string, product: Answering | undefined, model: StudentView | undefined): string[] => {
  if (!product || !model) return unequal(`${id} is known`, product !== undefined, model !== undefined)
  const answers = DAYS.flatMap((day) => {
    const noonMs = noonOf(day)
    return unequal(
      `${id} on ${day}`,
      product.enrolments.map((enrolment) => productSays(enrolment, product.at(enrolment, noonMs))).sort(),
      model.enrolments.map((enrolment) => modelSays(enrolment, day)).sort(),
    )
  })
  return [...unequal(`${id} is suspect (${model.why.join(', ')})`, product.suspect, model.suspect), ...answers]
}

const productSays = (enrolment: EnrolmentView<Buffer>, { body, status }: Phase<Buffer>): string => {
  const place = [enrolment.collectorCode, enrolment.grade, enrolment.yearStart].join('|')
  if (body === null) return `${place}: incoherent`
  if (status === 'active') return `${place}: ${body.toString()}`
  const { code, message } = JSON.parse(body.toString()) as { code: string; message: string }
  return `${place}: ${code} ${OUR_WORDS.has(message) ? '' : message}`
}

const modelSays = (enrolment: StudentView['enrolments'][number], day: string): string => {
  const answer = enrolment.answer(day)
  const place = [enrolment.collectorCode, enrolment.grade, enrolment.academicYearStart].join('|')
  if (answer === 'incoherent') return `${place}: incoherent`
  return answer.status === 200 ? `${place}: ${answer.body}` : `${place}: ${answer.code} ${answer.message ?? ''}`
}

type Said = { readonly place: { partition: number; offset: number }; readonly reason: string; settled: boolean }
/** A letter of nobody is never open: it harms no student. */
const asLetter = ({ partition, offset, reason, settled, identifier }: World['deadLetters'][number]): Said => ({
  place: { partition, offset },
  reason,
  settled: settled || identifier === null,
})
/** One that was replayed and died again is one letter, for the reason of its last death. */
const lettersSaid = (letters: readonly Said[], flood: ReadonlySet<string>): string[] => {
  const last = new Map(letters.map((one) => [`${one.place.partition}:${one.place.offset}`, one]))
  const standing = (place: string, settled: boolean) => (flood.has(place) ? ' of a flood' : settled ? '' : ' open')
  return [...last].map(([place, { reason, settled }]) => `${place} ${reason}${standing(place, settled)}`).sort()
}

const outcomeDifferences = (
  product: Projected['outcomes'],
  model: World['outcomes'],
  log: readonly LogRecord[],
): string[] =>
  log.flatMap((record) => {
    const place = `${record.partition}:${record.offset}`
    const told = product.get(place)
    const expected: readonly Outcome[] = model.get(place) ?? []
    if (record.decision || told === undefined) return []
    return unequal(`outcomes of ${place} ${record.value?.toString().slice(0, 300)}`, told, expected)
  })

const lookupDifferences = (product: Projected, model: World, ids: readonly string[]): string[] => {
  const queries = ids.flatMap((identifier) =>
    FILTERS.map((filter) => ({ identifier, ...filter }) as EnrolmentFilter & { identifier: string }),
  )
  return queries.flatMap((query) => {
    const { identifier, ...filter } = query
    const known = product.students.get(identifier)
    if (!known || known.suspect) return []
    const [day] = DAYS
    const found = model.lookUp(query, day)
    const candidates = [{ id: identifier as StudentId, enrolments: known.enrolments }]
    const match = findMatch(candidates, filter, 'all', noonOf(day))
    return unequal(
      `lookup ${JSON.stringify(query)}`,
      match.kind === 'one' ? placeOf(match.enrolment) : match.kind === 'none' ? 'miss' : match.kind,
      found.kind === 'match'
        ? placeOf({ ...found.enrolment.place, collectorCode: found.enrolment.place.branch })
        : found.kind,
    )
  })
}

const placeOf = (of: { collectorCode: string | null; grade: string; yearStart: string }): string =>
  [of.collectorCode, of.grade, of.yearStart].join('|')

const FILTERS: readonly EnrolmentFilter[] = [
  {},
  { grade: '5' },
  { collector_code: 'BLR-01' },
  { academic_year_start: '02026' },
  { custom_identifier: 'X1' },
]
