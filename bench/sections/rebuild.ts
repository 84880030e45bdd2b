import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { until } from '../../test/support/until.ts'
import { applied, logged } from '../applied.ts'
import { quantile } from '../load.ts'
import { openLoadOf, type Shot } from '../open-load.ts'
import { type Rebuilt, rebuilt } from '../rebuilt.ts'
import { median, type Section, spread } from '../report.ts'
import { appendAll, openStage, type Stage } from '../stage.ts'

type LogSize = { readonly students: number; readonly events: number }

export type RebuildSize = {
  readonly empty: LogSize
  /** Beside a live generation; `null`: left out. */
  readonly beside: (LogSize & { readonly runs: number; readonly pullsMs: number }) | null
}

const PULLS_PER_SECOND = 100
const AT_MOST_MS = 900_000
/** The first pulls open connections and compile code. */
const WARM_MS = 3_000

/** `pullgate rebuild` into an empty store, and beside a live generation with and without pulls. */
export const rebuildSections = async ({ empty, beside }: RebuildSize): Promise<readonly Section[]> => {
  const rows: string[][] = []
  const sections: Section[] = []
  const figures: Record<string, number> = {}
  if (beside) {
    await onStage(beside, async (stage, redis, redisPid) => {
      const program = await stage.program('strict')
      const [projector, gateway] = [await program.start('projector'), await program.start('gateway')]
      const total = await logged(stage)
      await until('the projector to have applied the log', async () => (await applied(redis)) >= total, AT_MOST_MS)
      const rebuild = (): Promise<Rebuilt> => rebuilt(program.file, stage.redisUrl, redisPid)
      const pullUrl = (turn: number): string => stage.pullUrl(gateway, (turn * 7919) % beside.students)
      const runs: BesidePulls[] = []
      for (let run = 0; run < beside.runs; run += 1) {
        runs.push(await besidePulls(pullUrl, stage.auth, beside.pullsMs, rebuild))
      }
      sections.push(besideSection(beside, runs))
      const alone = await rebuild()
      rows.push(rowOf('beside a live generation that nobody pulls from', beside.students, alone))
      figures['rebuild_alone_per_second'] = alone.events / alone.buildSeconds
      await Promise.all([projector.stop(), gateway.stop()])
    })
  }
  await onStage(empty, async (stage, _redis, redisPid) => {
    const { file } = await stage.program('strict')
    const one = await rebuilt(file, stage.redisUrl, redisPid)
    rows.unshift(rowOf('into an empty store', empty.students, one))
    figures['rebuild_empty_per_second'] = one.events / one.buildSeconds
    figures['rebuild_empty_seconds'] = one.seconds
    figures['rebuild_empty_micros'] = one.microsEach
    figures['rebuild_peak_mib'] = one.peakMiB
  })
  const alone: Section = {
    title: 'Rebuild: the log from its start',
    method: 'One `pullgate rebuild` each; the whole command counts, its start and the comparison included.',
    header: [
      '',
      'events',
      'students',
      'seconds',
      'of them at rest',
      'events a second while it builds',
      'CPU µs an event',
      'Redis, CPU µs an event',
      'peak memory',
    ],
    rows,
    findings: [],
    figures,
  }
  return [alone, ...sections]
}

const rowOf = (what: string, students: number, one: Rebuilt): string[] => [
  what,
  one.events.toLocaleString('en'),
  students.toLocaleString('en'),
  one.seconds.toFixed(1),
  one.restedSeconds.toFixed(1),
  Math.round(one.events / one.buildSeconds).toLocaleString('en'),
  one.microsEach.toFixed(1),
  one.redisMicrosEach.toFixed(1),
  `${one.peakMiB.toFixed(0)} MiB`,
]

/** A school group with so many events: three to begin with each student, the others spread over all. */
const onStage = async (
  { students, events }: LogSize,
  work: (stage: Stage, redis: Redis, redisPid: number) => Promise<void>,
): Promise<void> => {
  const stage = await openStage(students)
  const redis = new Redis({ port: stage.redis.port })
  try {
    const begun = await logged(stage)
    await appendAll(stage.log, function* () {
      for (let turn = 0; turn < events - begun; turn += 1) yield stage.world.live((turn * 7919) % students)
    })
    await work(stage, redis, Number(/process_id:(\d+)/u.exec(await redis.info('server'))![1]))
  } finally {
    redis.disconnect()
    await stage.close()
  }
}

type BesidePulls = {
  readonly rebuilt: Rebuilt
  readonly before: readonly Shot[]
  readonly meanwhile: readonly Shot[]
  readonly after: readonly Shot[]
}

/** One load from before to after: connections that are opened anew would be felt more than the rebuild. */
const besidePulls = async (
  urlOf: (turn: number) => string,
  auth: string,
  pullsMs: number,
  rebuild: () => Promise<Rebuilt>,
): Promise<BesidePulls> => {
  const due = Float64Array.from(
    { length: (AT_MOST_MS / 1000) * PULLS_PER_SECOND },
    (_, at) => (at * 1000) / PULLS_PER_SECOND,
  )
  const stop = new AbortController()
  const load = openLoadOf(due, urlOf, auth, { stop: stop.signal })
  const [warm, began, ended, one] = await phases(pullsMs, rebuild).finally(() => stop.abort())
  const shots = await load
  const between = (from: number, to: number): readonly Shot[] =>
    shots.filter(({ sentAt }) => sentAt >= from && sentAt < to)
  return {
    rebuilt: one,
    before: between(warm, began),
    meanwhile: between(began, ended),
    after: between(ended, Number.POSITIVE_INFINITY),
  }
}

const phases = async (pullsMs: number, rebuild: () => Promise<Rebuilt>) => {
  await sleep(WARM_MS)
  const warm = performance.now()
  await sleep(pullsMs)
  const began = performance.now()
  const one = await rebuild()
  const ended = performance.now()
  await sleep(pullsMs)
  return [warm, began, ended, one] as const
}

const p99 = (shots: readonly Shot[]): number =>
  quantile(
    shots.map(({ ms }) => ms),
    0.99,
  )

/** A student whose facts do not add up is answered too, that it is so. */
const unanswered = (shots: readonly Shot[]): number =>
  shots.filter(({ status }) => status === 0 || status >= 500).length

const besideSection = ({ students, events }: LogSize, runs: readonly BesidePulls[]): Section => {
  /** The mean of before and after stands for what is usual. */
  const ratios = runs.map(({ before, meanwhile, after }) => (2 * p99(meanwhile)) / (p99(before) + p99(after)))
  const notAnswered = runs.reduce((sum, { meanwhile }) => sum + unanswered(meanwhile), 0)
  return {
    title: 'Rebuild: beside pulls',
    method: `${events.toLocaleString('en')} events of ${students.toLocaleString('en')} students, beside a projector and a gateway that answers ${PULLS_PER_SECOND} strict pulls a second (open loop, one load over the whole run); ${runs.length} runs.`,
    header: [
      'events a second',
      'at rest, s of s',
      'CPU µs an event',
      'Redis, CPU µs an event',
      'p99 of pulls before, ms',
      'meanwhile',
      'after',
      'pulls meanwhile',
      'of them not answered',
      'differences',
    ],
    rows: runs.map(({ rebuilt: one, before, meanwhile, after }) => [
      Math.round(one.events / one.buildSeconds).toLocaleString('en'),
      `${one.restedSeconds.toFixed(1)} of ${one.buildSeconds.toFixed(1)}`,
      one.microsEach.toFixed(1),
      one.redisMicrosEach.toFixed(1),
      ...[before, meanwhile, after].map((shots) => p99(shots).toFixed(2)),
      String(meanwhile.length),
      String(unanswered(meanwhile)),
      String(one.differences ?? 'not compared'),
    ]),
    findings: [
      `Meanwhile p99 is ${spread(ratios)} times the mean of before and after; ${notAnswered} pulls were not answered meanwhile.`,
    ],
    figures: {
      rebuild_pulls_p99_ratio: median(ratios),
      rebuild_pulls_not_answered: notAnswered,
      rebuild_beside_per_second: median(runs.map(({ rebuilt: one }) => one.events / one.buildSeconds)),
    },
  }
}
