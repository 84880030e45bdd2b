import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import type { Running } from '../../test/support/program.ts'
import { until } from '../../test/support/until.ts'
import { applied, logged } from '../applied.ts'
import { type Child, startChild } from '../child.ts'
import { planOf } from '../day/plan.ts'
import { scoutCpuMs } from '../day/scout-cpu.ts'
import { type Ack, ackedAt, hitSharesOf, type Pulled, pulledOf, rowOf } from '../day/tally.ts'
import { verdictOf } from '../day/verdict.ts'
import { scattered, zipf } from '../day/zipf.ts'
import { quantile } from '../load.ts'
import { openLoadOf, type Shot } from '../open-load.ts'
import type { Section } from '../report.ts'
import { caughtUp, openStage } from '../stage.ts'
import { FEE_RISE_PAISE, firstDuePaise, idOf, randomFrom, wideShape } from '../world.ts'

const ERP_MS = 30
const BURST = 5
/** The default of `freshness.bound_ms`. */
const BOUND_MS = 2_000
/** An ERP call that was on its way is shared by those who ask meanwhile. */
const ERP_SHARED_MS = 1_000
const AT_MOST_MS = 1_800_000

export type DaySize = {
  readonly students: number
  readonly perSecond: number
  readonly stretchMs: number
  /** Students whose fee the run changes. */
  readonly raised: number
  /** Students who are compared at the end. */
  readonly compared: number
}

/** A load of real shape: the pulls of a morning, then the month-end fee run while they go on, with an ERP behind. */
export const daySection = async (size: DaySize): Promise<Section> => {
  const { students, perSecond, stretchMs, raised, compared } = size
  const erp = await startChild('erp-server.ts', String(ERP_MS))
  const stage = await openStage(students, {
    shape: wideShape,
    erpUrl: `http://127.0.0.1:${erp.said}/fetch-student`,
  })
  const [strictProgram, boundedProgram] = [await stage.program('strict'), await stage.program('bounded')]
  const projector = await boundedProgram.start('projector')
  const gateways = [await strictProgram.start('gateway'), await boundedProgram.start('gateway')] as const
  for (const gateway of gateways) await caughtUp(stage, gateway, students)
  const feeRun = await startChild('fee-run.ts', stage.topic, String(raised))
  const redis = new Redis({ port: stage.redis.port })
  const begun = await logged(stage)

  const draw = zipf(students, randomFrom(7))
  const asked: number[] = []
  const pulled: Pulled[] = []
  const due = planOf([
    { perSecond, forMs: stretchMs },
    { perSecond: BURST * perSecond, forMs: stretchMs },
    { perSecond, forMs: AT_MOST_MS },
  ])
  const feeTurn = due.findIndex((ms) => ms >= 3 * stretchMs)
  const feeTime = Promise.withResolvers<void>()
  const stop = new AbortController()
  const urlOf = (turn: number): string => {
    asked[turn] = scattered(draw(), students)
    if (turn === feeTurn) feeTime.resolve()
    return stage.pullUrl(gateways[turn % 2]!, asked[turn]!)
  }
  const see = (turn: number, response: IncomingMessage, body: string): void => {
    pulled[turn] = pulledOf(asked[turn]!, raised, response, body)
  }
  const load = openLoadOf(due, urlOf, stage.auth, { stop: stop.signal, see })

  await feeTime.promise
  await fetch(`http://127.0.0.1:${erp.said}/raise?students=${raised}`)
  const begunAt = performance.now()
  const scouted = scoutCosts(projector)
  const acks = await runThrough(feeRun, raised)
  const total = await logged(stage)
  await until('the fee run to be visible', async () => (await applied(redis)) >= total, AT_MOST_MS)
  const visibleAt = performance.now()
  const scout = await scouted()
  await new Promise((resolve) => setTimeout(resolve, stretchMs))
  stop.abort()
  const shots = await load

  const phases: readonly (readonly [string, (shot: Shot) => boolean])[] = [
    // The first half warms the gateways up.
    ['before', ({ dueMs }) => dueMs >= stretchMs / 2 && dueMs < stretchMs],
    [`morning burst, ${BURST} × the pulls`, ({ dueMs }) => dueMs >= stretchMs && dueMs < 2 * stretchMs],
    ['fee run, until all of it is visible', ({ sentAt }) => sentAt >= begunAt && sentAt < visibleAt],
    ['afterwards', ({ sentAt }) => sentAt >= visibleAt],
  ]
  const of = (which: (shot: Shot) => boolean, gateway: number): readonly Shot[] =>
    shots.filter((shot) => which(shot) && shot.turn % 2 === gateway)
  const modes = ['strict', 'bounded'] as const
  const promises = { raised, acks, raisedAt: begunAt }
  const torn = pulled.filter(({ verdict }) => verdict === 'wrong').length
  const old = shots.filter((shot) => isTooOld(shot, pulled[shot.turn], modes[shot.turn % 2]!, promises)).length
  const differing = await compareAtEnd(
    Array.from({ length: Math.min(compared, students) }, (_, rank) => scattered(rank, students)),
    gateways.map((gateway) => (index: number) => fetch(stage.pullUrl(gateway, index), { headers: stage.headers })),
    raised,
  )
  redis.disconnect()
  await Promise.all([projector, ...gateways].map((running) => running.stop()))
  await stage.close()
  await Promise.all([erp.stop(), feeRun.stop()])

  const seconds = (visibleAt - begunAt) / 1000
  const appendedSeconds = (acks.at(-1)!.at - begunAt) / 1000
  const events = total - begun
  const bytes = pulled.filter(({ source }) => source === 'projection').map((one) => one.bytes)
  const hits = modes.map((_, at) => hitSharesOf(of(phases[2]![1], at), pulled))
  const p99 = (phase: number, gateway: number): number =>
    quantile(
      of(phases[phase]![1], gateway).map(({ ms }) => ms),
      0.99,
    )
  return {
    title: 'A day: the morning burst, and the month-end fee run',
    method: `${students.toLocaleString('en')} students, pulled by rank r with a chance of 1 / r; open loop, ${perSecond} pulls a second, half of them to a strict and half to a bounded gateway, an ERP behind that takes ${ERP_MS} ms. The fee run changes a fee of ${raised.toLocaleString('en')} students and the schedule with it, appended as fast as the broker takes it.`,
    header: ['phase', 'gateway', 'pulls', 'p50 ms', 'p99 ms', 'projection', 'ERP', '503', 'other'],
    rows: phases.flatMap(([name, which]) => modes.map((mode, at) => rowOf(name, mode, of(which, at), pulled))),
    findings: [
      `The fee run: ${events.toLocaleString('en')} events, appended in ${appendedSeconds.toFixed(1)} s, all of them visible after ${seconds.toFixed(1)} s: ${Math.round(events / seconds).toLocaleString('en')} applied a second.`,
      `Wrong balances: ${torn} of ${pulled.length.toLocaleString('en')} answers (each is compared with what the student owed before and after the fee run, and its schedule with its fees); older than promised: ${old} (strict: without an event that was acknowledged before the pull was sent; bounded: ${BOUND_MS / 1000} s before; ERP: ${ERP_SHARED_MS / 1000} s). At the end, of the ${compared.toLocaleString('en')} students asked for most, ${differing} are answered with another balance than they owe or otherwise by one gateway than by the other.`,
      `During the fee run the projection answered, ${hits
        .map(
          ({ untouched, touched, all, hitP99Ms, untouchedHitP99Ms }, at) =>
            `${modes[at]}: ${untouched.toFixed(1)} % of the pulls of untouched students, ${touched.toFixed(1)} % of touched ones, ${all.toFixed(1)} % of all, hits with a p99 of ${hitP99Ms.toFixed(1)} ms, ${untouchedHitP99Ms.toFixed(1)} ms for untouched students`,
        )
        .join('; ')}.`,
      `The scout scanned ${scout.records.toLocaleString('en')} records in ${scout.cpuMs.toLocaleString('en')} ms of CPU of its thread, fetching, unpacking and writing included: ${((1000 * scout.cpuMs) / Math.max(1, scout.records)).toFixed(1)} µs an event.`,
      `Bodies from the projection: ${quantile(bytes, 0).toLocaleString('en')} to ${quantile(bytes, 1).toLocaleString('en')} bytes, median ${quantile(bytes, 0.5).toLocaleString('en')}.`,
    ],
    figures: {
      day_burst_p99_ms_strict: p99(1, 0),
      day_burst_p99_ms_bounded: p99(1, 1),
      day_fee_run_p99_ms_strict: p99(2, 0),
      day_fee_run_p99_ms_bounded: p99(2, 1),
      day_fee_run_untouched_percent_strict: hits[0]!.untouched,
      day_fee_run_projection_percent_strict: hits[0]!.all,
      day_fee_run_hit_p99_ms_strict: hits[0]!.hitP99Ms,
      day_scout_cpu_us_per_event: (1000 * scout.cpuMs) / Math.max(1, scout.records),
      day_fee_run_events_per_second: events / seconds,
      day_wrong: torn + old + differing,
    },
  }
}

/** Counts from now on what the scout scans, and what its thread costs. */
const scoutCosts = (projector: Running) => {
  const scanned = async (): Promise<number> => {
    const text = await (await fetch(`${projector.metricsUrl}/metrics`)).text()
    return Number(/^pullgate_scouted_records_total (\d+)/m.exec(text)?.[1] ?? 0)
  }
  const [cpuBefore, before] = [scoutCpuMs(projector.pid), scanned()]
  return async (): Promise<{ readonly records: number; readonly cpuMs: number }> => ({
    records: (await scanned()) - (await before),
    cpuMs: scoutCpuMs(projector.pid) - cpuBefore,
  })
}

/** Begins the fee run; resolves with its acknowledgements when the broker has the last one. */
const runThrough = async (feeRun: Child, students: number): Promise<readonly Ack[]> => {
  const acks: Ack[] = []
  const clockMs = performance.now() - Number(process.hrtime.bigint()) / 1e6
  feeRun.process.kill('SIGUSR2')
  for await (const line of createInterface({ input: feeRun.process.stdout! })) {
    const [upTo = '', ns = ''] = line.split(' ')
    acks.push({ upTo: Number(upTo), at: Number(ns) / 1e6 + clockMs })
    if (Number(upTo) >= students) break
  }
  return acks
}

type Promises = { readonly raised: number; readonly acks: readonly Ack[]; readonly raisedAt: number }

/** An answer from before the change, where the mode promises the one from after it. */
const isTooOld = (
  { sentAt }: Shot,
  pulled: Pulled | undefined,
  mode: 'strict' | 'bounded',
  { raised, acks, raisedAt }: Promises,
): boolean => {
  if (pulled?.verdict !== 'before' || pulled.index >= raised) return false
  if (pulled.source === 'erp') return sentAt > raisedAt + ERP_SHARED_MS
  return sentAt > ackedAt(acks, pulled.index) + (mode === 'strict' ? 0 : BOUND_MS)
}

/** How many of the students are not answered by every gateway with the same bytes and the balance after the fee run. */
const compareAtEnd = async (
  indexes: readonly number[],
  pulls: readonly ((index: number) => Promise<Response>)[],
  raised: number,
): Promise<number> => {
  let differing = 0
  for (const index of indexes) {
    const answers = await Promise.all(pulls.map((pull) => pull(index)))
    const bodies = await Promise.all(answers.map((answer) => answer.text()))
    const paise = firstDuePaise(index, wideShape) + (index < raised ? FEE_RISE_PAISE : 0)
    const isRight =
      answers.every(({ status }) => status === 200) &&
      bodies.every((body) => body === bodies[0] && verdictOf(body, idOf(index), paise, paise) === 'before')
    if (!isRight) differing += 1
  }
  return differing
}
