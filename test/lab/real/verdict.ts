import { headerText } from '../../../consumers/events/envelope.ts'
import { type Log, topicOf } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { ProjectionStore } from '../../../consumers/ports/projection-store.ts'
import { dlqName } from '../../../consumers/ports/topic-spec.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { readAll } from '../../support/fold-log.ts'
import { dueAnswer, faultOf } from '../checks/answers.ts'
import { customFaultOf, dueByCustom } from '../checks/custom-answers.ts'
import { againstModel } from '../checks/model.ts'
import { isCaughtUp, letterFaults, projectionFaults } from '../checks/projection.ts'
import { misplaced, type Truth, truthOf } from '../checks/truth.ts'
import type { Away } from './faults.ts'
import { PARTITIONS, POLICY, TIMEZONE } from './settings.ts'
import { CUT_OFF_BELIEVED_MS, type Pulling, type PullingDeps, pullOnce, type RealPull } from './traffic.ts'

const RECOVERY_MS = 90_000
const NUMBERS = Array.from({ length: PARTITIONS }, (_, index) => index)

/**
 * Publishes to every partition and waits until all of it is applied. Milliseconds since `since`; `null`: not within a
 * minute and a half.
 */
export const recoveredMs = async (
  log: Log,
  store: ProjectionStore,
  topic: string,
  partitions: number,
  since = performance.now(),
): Promise<number | null> => {
  const until = performance.now() + RECOVERY_MS
  const value = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: 'lab',
      source: '/lab',
      type: 'erp.heartbeat.v1',
      time: '2026-06-15T00:00:00Z',
    }),
  )
  const probes = Array.from({ length: partitions }, (_, partition) => ({
    topic,
    partition,
    key: null,
    value,
    headers: [],
  }))
  let ends: ReadonlyMap<number, number> | null = null
  while (performance.now() < until) {
    ends ??= await log.append(probes).then(
      (positions) => new Map(positions.map(({ partition, offset }) => [partition, offset + 1])),
      () => null,
    )
    const views = await store.reader.partitions().catch(() => [])
    const isThere = ({ partition, checkpoint }: (typeof views)[number]) =>
      (checkpoint?.next ?? 0) >= (ends?.get(partition) ?? Number.POSITIVE_INFINITY)
    if (views.length > 0 && views.every(isThere)) return performance.now() - since
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return null
}

export type VerdictDeps = {
  readonly log: Log
  readonly store: ProjectionStore
  readonly topic: string
  readonly deps: PullingDeps
  readonly pulling: Pulling
  readonly aways: readonly Away[]
}

export type Verdict = { readonly problems: readonly string[]; readonly truth: Truth | null }

/** After the last fault and the last record: waits until nothing moves, then compares everything. */
export const verdict = async ({ log, store, topic, deps, pulling, aways }: VerdictDeps): Promise<Verdict> => {
  const isStill = await caughtUp(log, store, topic)
  await pulling.stop()
  if (!isStill) return { problems: ['stuck: not caught up after the last fault'], truth: null }
  const records = await Promise.all(NUMBERS.map((partition) => readAll(log, topic, partition)))
  const { identity } = (await log.ends(topic, [0])).get(0)!
  const rendering = { policy: POLICY, calendar: calendarOf(TIMEZONE) }
  const truth = truthOf(records, topic, rendering, topicOf(identity))
  const problems = [
    ...misplaced(truth),
    ...againstModel(truth, { ...POLICY, timezone: TIMEZONE }),
    ...(await projectionFaults(truth, store)),
    ...letterFaults(truth, await writtenLetters(log, topic)),
    ...pulling.made.flatMap((made) => pullFault(truth, excused(made, aways))),
    ...pulling.made.filter(({ ms }) => ms > 15_000).map(({ ms }) => `late: a pull took ${Math.round(ms)} ms`),
    ...(await finalPulls(truth, deps)),
  ]
  return { problems, truth }
}

/** Twice in a row, as moved records make the log grow once more. */
const caughtUp = async (log: Log, store: ProjectionStore, topic: string): Promise<boolean> => {
  let inARow = 0
  for (const until = performance.now() + RECOVERY_MS; performance.now() < until; ) {
    const views = await store.reader.partitions().catch(() => null)
    const ends = await log.endOffsets(topic, NUMBERS).catch(() => null)
    inARow = views !== null && ends !== null && isCaughtUp(views, ends) ? inARow + 1 : 0
    if (inARow === 3) return true
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return false
}

const writtenLetters = async (log: Log, topic: string): Promise<ReadonlySet<string>> => {
  const written = new Set<string>()
  for (const partition of NUMBERS)
    for (const { headers } of await readAll(log, dlqName(topic), partition)) {
      const header = (name: string) => headerText(headers, `pullgate-${name}`)
      written.add(`${header('partition')}:${header('offset')} ${header('reason')}`)
    }
  return written
}

/**
 * While a leader is cut off, and for a second after another one is known, a pull may lack what its partition
 * acknowledged within the last second.
 */
const excused = (made: RealPull, aways: readonly Away[]): RealPull => {
  const lost = aways
    .filter(
      ({ isCutOff, fromMs, knownMs }) =>
        isCutOff && made.askedMs >= fromMs && made.askedMs <= knownMs + CUT_OFF_BELIEVED_MS,
    )
    .flatMap((away) => away.lost)
  const acknowledged = made.acknowledged.map((end, at) => (lost.includes(at) ? made.acknowledgedBefore[at]! : end))
  return { ...made, acknowledged }
}

const pullFault = (truth: Truth, made: RealPull): readonly string[] => {
  const { identifier, acknowledged } = made
  const reach = truth.log.map((records) => (records.at(-1)?.offset ?? -1) + 1)
  const fault =
    identifier === null
      ? customFaultOf(truth, { ...made, required: acknowledged, reach })
      : studentFault(truth, { ...made, identifier }, reach)
  return fault === null ? [] : [`${fault} [asked ${new Date(made.askedMs).toISOString()}]`]
}

const studentFault = (
  truth: Truth,
  made: RealPull & { readonly identifier: StudentId },
  reach: readonly number[],
): string | null => {
  const { identifier, acknowledged, misrouting } = made
  const home = partitionOf(identifier, PARTITIONS)
  const required = acknowledged[home]!
  const sources = truth.versions.get(identifier)?.findLast(({ next }) => next <= required)?.answers.sources ?? []
  const strays = truth.strays
    .filter(
      (stray) =>
        stray.identifier === identifier &&
        stray.source !== null &&
        misrouting.includes(stray.source) &&
        sources.includes(stray.source) &&
        stray.offset < acknowledged[stray.partition]!,
    )
    .map(({ partition, offset }) => `${partition}/${offset}`)
  return faultOf(truth, { ...made, required, strays, reach: reach[home]! })
}

const finalPulls = async (truth: Truth, deps: PullingDeps): Promise<readonly string[]> => {
  const problems: string[] = []
  const { students, customs } = deps.publishing
  const queries = [
    ...[...new Set(students.slice(-60))].map((identifier) => ({ identifier })),
    ...customs.slice(-20).map((custom_identifier) => ({ custom_identifier })),
  ]
  for (const query of queries) problems.push(...(await finalPull(truth, deps, query)))
  return problems
}

/** A machine that is busy with other things may make one answer stale, and not all of them. */
const ATTEMPTS = 5

const finalPull = async (truth: Truth, deps: PullingDeps, query: RealPull['query']): Promise<readonly string[]> => {
  const problems: string[] = []
  let reason: string | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const made = await pullOnce(deps, query)
    if (made === null) return [...problems, 'stuck: no gateway answers in the end']
    problems.push(...pullFault(truth, made))
    const { identifier, askedMs } = made
    const due = identifier === null ? dueByCustom(truth, query, askedMs) : dueAnswer(truth, identifier, query, askedMs)
    if (due === null || made.result.source === 'projection') return problems
    reason = made.result.reason
  }
  const how = 'identifier' in query ? '' : ' by custom identifier'
  return [...problems, `stuck: a healthy student is not answered from the projection${how} (${reason})`]
}
