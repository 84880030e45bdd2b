import { modelOf, type World } from '../model/model.ts'
import type { Decision, LogRecord, Policy } from '../model/types.ts'
import { carriedRecord } from './events.ts'
import { generateHistory, type Options } from './generate.ts'
import { layOut } from './generate-log.ts'
import { type Random, randomOf } from './generate-random.ts'

/** A generated log as the model and the product read it: to the model a decision is a decision, to the product bytes. */
export type Generated = { readonly policy: Policy; readonly log: readonly LogRecord[] }

export const TOPIC = 'erp.student-events'
/** What the log of the comparison is bound to, and its copies name. */
export const TOPIC_ID = 'log'
export const PARTITIONS = 16
export const TIMEZONE = 'Asia/Kolkata'

const POLICIES: readonly Policy[] = (['payable', 'net_of_direct', 'outstanding'] as const).flatMap((balance_basis) =>
  (['omit', 'zero'] as const).flatMap((paid_instalments) =>
    (['count', 'ignore'] as const).map((pending_payments) => ({
      balance_basis,
      paid_instalments,
      pending_payments,
      timezone: TIMEZONE,
    })),
  ),
)

/** Mostly one student; every 25th history is of several, who share the log. Copies of misrouted records come soon or late. */
export const generated = (seed: number, options: Options = {}): Generated => {
  const students = seed % 25 === 0 ? 5 : 1
  const lag = [0, 0, 1, 3, 9, 40][seed % 6]!
  const published = generateHistory(seed, { students, forged: true, ...options })
  return {
    policy: POLICIES[seed % POLICIES.length]!,
    log: layOut(published, PARTITIONS, { lag, topic: TOPIC, ...(seed % 2 === 0 ? { id: TOPIC_ID } : {}) }),
  }
}

/** The same with an operator's decisions, made at some points of the log upon what is open there. */
export const decided = (seed: number, options: Options = {}): Generated => {
  const { policy, log } = generated(seed, { trouble: 1, heal: 0.2, ...options })
  const random = randomOf(seed ^ 0x5eed)
  let records = [...log]
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.chance(0.4) ? records.length : random.below(records.length + 1)
    const made = decisionsAt(random, records.slice(0, at), policy)
    records = renumbered([...records.slice(0, at), ...made, ...records.slice(at)])
  }
  return { policy, log: records }
}

const numbersOf = (random: Random): { readonly from: bigint; readonly to: bigint } => {
  const from = BigInt(1 + random.below(12))
  return { from, to: from + BigInt(random.below(3)) }
}

const decisionsAt = (random: Random, before: readonly LogRecord[], policy: Policy): LogRecord[] => {
  const world = modelOf(before, policy, { id: TOPIC_ID, partitions: PARTITIONS })
  return [...onLetters(random, world, before), ...onWhatWaits(random, world, before)]
}

/** What no dead letter stands for: events that wait are dropped, and missing numbers let go. */
const onWhatWaits = (random: Random, world: World, before: readonly LogRecord[]): LogRecord[] =>
  [...world.students.values()].flatMap(({ identifier, why }): LogRecord[] => {
    const waiting = why.flatMap((doubt) => {
      const [, partition, offset] = /^(?:held|orphan): (\d+):(\d+)$/.exec(doubt) ?? []
      return offset === undefined ? [] : [{ partition: Number(partition), offset: Number(offset) }]
    })
    const [first] = waiting
    if (first === undefined || random.chance(0.5)) return []
    const decision: Decision = {
      kind: 'settle',
      identifier,
      force: false,
      letters: [],
      waiting: random.chance(0.5) ? waiting.filter(() => random.chance(0.4)) : [],
      letGo: [{ source: random.pick(['/erp/main', '/erp/cash']), ...numbersOf(random) }],
    }
    return [recordOf(decision, first.partition, before)]
  })

const recordOf = (decision: Decision, partition: number, before: readonly LogRecord[]): LogRecord => ({
  partition,
  offset: 0,
  key: Buffer.from(decision.identifier),
  value: null,
  headers: [],
  timestampMs: before.at(-1)?.timestampMs ?? 0,
  decision,
})

const onLetters = (random: Random, world: World, before: readonly LogRecord[]): LogRecord[] => {
  const letters = world.deadLetters.filter(
    (letter) => letter.identifier !== null && (!letter.settled || random.chance(0.2)),
  )
  const students = [...new Set(letters.map(({ identifier }) => identifier!))].filter(() => random.chance(0.7))
  return students.map((identifier): LogRecord => {
    const own = letters.filter((letter) => letter.identifier === identifier)
    const chosen = own.filter((_, index) => index === 0 || random.chance(0.5))
    const kind = random.pick(['replay', 'discard'] as const)
    const decision: Decision = {
      kind,
      identifier,
      force: random.chance(0.5),
      letters: chosen.map(({ partition, offset }) => ({ partition, offset })),
      letGo:
        kind === 'discard' && random.chance(0.3)
          ? [{ source: random.pick(['/erp/main', '/erp/cash']), ...numbersOf(random) }]
          : [],
      all: kind === 'discard' && random.chance(0.2),
    }
    return recordOf(decision, own[0]!.partition, before)
  })
}

const placeOf = ({ partition, offset }: { readonly partition: number; readonly offset: number }): string =>
  `${partition}:${offset}`

/** Offsets without holes again; decisions name their letters by the new ones. */
const renumbered = (log: readonly LogRecord[]): LogRecord[] => {
  const ends = new Map<number, number>()
  const moved = new Map<string, number>()
  return log.map((record) => {
    const offset = ends.get(record.partition) ?? 0
    ends.set(record.partition, offset + 1)
    if (record.decision === undefined) moved.set(`${record.partition}:${record.offset}`, offset)
    if (record.decision === undefined) return { ...record, offset }
    const letters = record.decision.letters.map(({ partition, offset: at }) => ({
      partition,
      offset: moved.get(`${partition}:${at}`) ?? at,
    }))
    const waiting = record.decision.waiting?.map((one) => ({ ...one, offset: moved.get(placeOf(one)) ?? one.offset }))
    return { ...record, offset, decision: { ...record.decision, letters, ...(waiting && { waiting }) } }
  })
}

/** What the operator's tool writes into the log for a decision. */
export const asWritten = (log: readonly LogRecord[]): LogRecord[] => {
  const places = new Map(log.map((record) => [`${record.partition}:${record.offset}`, record]))
  return log.map((record) => {
    const { decision } = record
    if (decision === undefined) return record
    const letters = decision.letters.map(({ partition, offset }) => ({
      topic: TOPIC,
      partition,
      offset,
      ...(decision.kind === 'replay' ? { record: carriedRecord(places.get(`${partition}:${offset}`)!) } : {}),
    }))
    const event = {
      specversion: '1.0',
      id: `decision-${record.partition}-${record.offset}`,
      source: '/pullgate/operator',
      type: 'pullgate.student.resolved.v1',
      time: '2026-06-20T00:00:00Z',
      data: {
        student: { identifier: decision.identifier },
        action: decision.kind,
        force: decision.force,
        letters,
        ...(decision.waiting ? { waiting: decision.waiting } : {}),
        ...(decision.all ? { flooded: true } : {}),
        let_go: (decision.letGo ?? []).map(({ source, from, to }) => ({
          source,
          sequence: String(from),
          ...(to > from ? { last: String(to) } : {}),
        })),
      },
    }
    return { ...record, value: Buffer.from(JSON.stringify(event)) }
  })
}
