import { Redis } from 'ioredis'
import { type Child, startChild } from '../child.ts'
import { cpuMicros, quantile, type Slice, slice } from '../load.ts'
import { openLoad } from '../open-load.ts'
import { median, type Section, spread } from '../report.ts'
import { answered, caughtUp, type Stage } from '../stage.ts'

const FEW = 16
const MANY = 128
const STALL_MS = 1_000

/** The hit path against its floors: CPU a request, and latency of an open loop at half of what the machine can do. */
export const readSections = async (
  stage: Stage,
  students: number,
  rounds: number,
  sliceMs: number,
): Promise<readonly Section[]> => {
  const strictProgram = await stage.program('strict')
  const boundedProgram = await stage.program('bounded')
  const projector = await boundedProgram.start('projector')
  const [strict, bounded] = [await strictProgram.start('gateway'), await boundedProgram.start('gateway')]
  await caughtUp(stage, strict, students)
  const body = await answered(stage, bounded, 1)
  const redis = new Redis({ port: stage.redis.port })
  await redis.set('bench:body', body)
  const bare = await startChild('bare-server.ts', Buffer.from(body).toString('base64'))
  const get = await startChild('redis-get-server.ts', String(stage.redis.port), 'bench:body')
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])

  const known = (turn: number): number => (turn * 7919) % students
  const contenders = [
    { name: 'B0: bare node:http, the same bytes', pid: bare.pid, url: () => `http://127.0.0.1:${bare.said}/` },
    { name: 'B1: bare node:http, one ioredis GET', pid: get.pid, url: () => `http://127.0.0.1:${get.said}/` },
    { name: 'pull, bounded', pid: bounded.pid, url: (turn: number) => stage.pullUrl(bounded, known(turn)) },
    { name: 'pull, strict', pid: strict.pid, url: (turn: number) => stage.pullUrl(strict, known(turn)) },
  ]
  const few = await closedLoop(
    contenders,
    FEW,
    rounds,
    sliceMs,
    redisPid,
    stage.auth,
    `${students.toLocaleString('en')} students, auth and metrics on, bodies of about ${body.length} bytes`,
  )
  const many = await closedLoop(contenders, MANY, Math.ceil(rounds / 2), sliceMs, redisPid, stage.auth, 'the same')
  const half = Math.floor(Math.min(...[2, 3].map((at) => few.rates[at]!)) / 2)
  const open: string[][] = []
  const late: number[] = []
  const figures: Record<string, number> = {}
  for (const at of [1, 2, 3]) {
    const { name, url } = contenders[at]!
    const shots = await openLoad(half, rounds * 1_000, url, stage.auth)
    const ms = shots.map((shot) => shot.ms)
    open.push([
      name,
      quantile(ms, 0.5).toFixed(2),
      quantile(ms, 0.99).toFixed(2),
      quantile(ms, 0.999).toFixed(2),
      String(shots.filter(({ status }) => status !== 200).length),
    ])
    const short = ['', 'b1', 'bounded', 'strict'][at]
    figures[`latency_p50_ms_${short}`] = quantile(ms, 0.5)
    figures[`latency_p99_ms_${short}`] = quantile(ms, 0.99)
    late.push(...shots.map((shot) => shot.lateMs))
  }
  const stalled = await stalledFor(bare, STALL_MS)
  figures['generator_late_p50_ms'] = quantile(late, 0.5)
  figures['generator_stall_p99_ms'] = stalled
  const latency: Section = {
    title: 'Latency at half of saturation',
    method: `Open loop, ${half.toLocaleString('en')} requests a second; a latency counts from the moment at which the request was due, so that a stall shows in everything that was due during it.`,
    header: ['contender', 'p50 ms', 'p99 ms', 'p99.9 ms', 'not answered with 200'],
    rows: open,
    findings: [
      `The generator's own share: requests are sent ${quantile(late, 0.5).toFixed(2)} ms after they are due at p50, ${quantile(late, 0.99).toFixed(2)} ms at p99. Its self-test: with B0 stopped for ${STALL_MS / 1000} s of ${(3 * STALL_MS) / 1000} s, p99 is ${stalled.toFixed(0)} ms.`,
    ],
    figures,
  }
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1])
  const memory: Section = {
    title: 'Memory of Redis',
    method: `\`used_memory\` with ${students.toLocaleString('en')} students (three events each), over the bytes of an answer.`,
    header: ['bytes a student', 'bytes of an answer', 'ratio'],
    rows: [[(used / students).toFixed(0), String(body.length), (used / students / body.length).toFixed(2)]],
    findings: ['Answers, index, folded state, keys and the allocator are in it.'],
    figures: { memory_ratio: used / students / body.length },
  }
  redis.disconnect()
  await Promise.all([bare.stop(), get.stop(), projector.stop(), strict.stop(), bounded.stop()])
  return [few.section, many.section, latency, memory]
}

/** The generator's self-test: p99 of an open loop while the server is stopped for a third of it. */
const stalledFor = async (server: Child, stallMs: number): Promise<number> => {
  const load = openLoad(200, 3 * stallMs, () => `http://127.0.0.1:${server.said}/`, 'u:p')
  await new Promise((resolve) => setTimeout(resolve, stallMs))
  server.process.kill('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, stallMs))
  server.process.kill('SIGCONT')
  return quantile(
    (await load).map(({ ms }) => ms),
    0.99,
  )
}

type Contender = { readonly name: string; readonly pid: number; readonly url: (turn: number) => string }
type Measured = Slice & { readonly redisMicros: number }

/** Every connection asks again as soon as it is answered; `rates` are medians, requests a second. */
const closedLoop = async (
  contenders: readonly Contender[],
  connections: number,
  rounds: number,
  sliceMs: number,
  redisPid: number,
  auth: string,
  what: string,
): Promise<{ readonly section: Section; readonly rates: readonly number[] }> => {
  const slices = contenders.map((): Measured[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [at, { pid, url }] of contenders.entries()) {
      const before = cpuMicros(redisPid)
      const measured = await slice(pid, url, auth, connections, sliceMs)
      // The first round warms all of them up.
      if (round > 0) slices[at]!.push({ ...measured, redisMicros: cpuMicros(redisPid) - before })
    }
  }
  const each = (one: Measured): number => one.cpuMicros / one.requests
  const withRedis = (one: Measured): number => (one.cpuMicros + one.redisMicros) / one.requests
  const rate = (one: Measured): number => (one.requests * 1000) / sliceMs
  const ratios = (at: number, to: number, of: (one: Measured) => number): number[] =>
    slices[at]!.map((one, round) => of(slices[to]![round]!) / of(one))
  const rows = contenders.map(({ name }, at) => {
    const ms = slices[at]!.flatMap((one) => one.ms)
    return [
      name,
      spread(slices[at]!.map(each), 0),
      spread(ratios(at, 0, each)),
      spread(slices[at]!.map((one) => each(slices[0]![slices[at]!.indexOf(one)]!) / withRedis(one))),
      Math.round(median(slices[at]!.map(rate))).toLocaleString('en'),
      quantile(ms, 0.5).toFixed(2),
      quantile(ms, 0.99).toFixed(2),
    ]
  })
  const throughput = slices[3]!.map((one, round) => rate(one) / rate(slices[2]![round]!))
  const section: Section = {
    title: `Reading: a projection hit, ${connections} connections`,
    method: `${connections} connections, closed loop, slices of ${sliceMs / 1000} s in turn, ${rounds} rounds; ${what}. The ratio is B0's CPU a request over the contender's.`,
    header: [
      'contender',
      'CPU µs a request',
      'ratio to B0',
      'ratio, Redis counted in',
      'requests a second',
      'p50 ms',
      'p99 ms',
    ],
    rows,
    findings: [
      `Strict keeps ${spread(throughput)} of bounded's throughput. Not answered with 200: ${slices.flat().reduce((sum, { others }) => sum + others, 0)}.`,
    ],
    figures: {
      [`read_bounded_ratio_${connections}`]: median(ratios(2, 0, each)),
      [`read_strict_ratio_${connections}`]: median(ratios(3, 0, each)),
      [`read_strict_of_bounded_${connections}`]: median(throughput),
    },
  }
  return { section, rates: slices.map((own) => median(own.map(rate))) }
}
