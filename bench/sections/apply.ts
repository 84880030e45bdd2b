import { Redis } from 'ioredis'
import { sharedBrokers } from '../../test/support/shared-kafka.ts'
import { until } from '../../test/support/until.ts'
import { startChild } from '../child.ts'
import { cpuMicros } from '../load.ts'
import { median, type Section, spread } from '../report.ts'
import { appendAll, type Stage } from '../stage.ts'
import { PARTITIONS } from '../world.ts'

type Run = { readonly microsEach: number; readonly perSecond: number }

/** The whole log from its start: what an event costs, against a handler that does nothing on the same log. */
export const applySection = async (
  stage: Stage,
  students: number,
  events: number,
  rounds: number,
): Promise<Section> => {
  const lived = await appendAll(stage.log, function* () {
    for (let turn = 0; turn < events; turn += 1) yield stage.world.live((turn * 7919) % students)
  })
  const ends = await stage.log.endOffsets(
    stage.topic,
    Array.from({ length: PARTITIONS }, (_, at) => at),
  )
  const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const redis = new Redis({ port: stage.redis.port })
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])

  const applied = async (): Promise<number> => {
    const active = await redis.get('pg:{store}:active')
    if (active === null) return 0
    const checkpoints = await redis.mget(Array.from({ length: PARTITIONS }, (_, at) => `pg:${active}:{${at}}:cp`))
    return checkpoints.reduce((sum, text) => sum + Number(text?.split(' ', 1)[0] ?? 0), 0)
  }
  /** From a fifth of the log on: starting and joining are not applying. */
  const measure = async (pid: number, count: () => Promise<number>): Promise<Run> => {
    await until('the start to be over', async () => (await count()) > total / 5, 300_000)
    const [from, cpu, began] = [await count(), cpuMicros(pid), performance.now()]
    await until('the end', async () => (await count()) >= total, 900_000)
    const done = total - from
    return { microsEach: (cpuMicros(pid) - cpu) / done, perSecond: (done * 1000) / (performance.now() - began) }
  }

  const floors: Run[] = []
  const projectors: Run[] = []
  const redisMicros: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const empty = await startChild('empty-consumer.ts', sharedBrokers(), stage.topic)
    let given = Number(empty.said.split('\n').at(-1))
    empty.process.stdout!.on('data', (chunk) => {
      given = Number(String(chunk).trim().split('\n').at(-1))
    })
    floors.push(await measure(empty.pid, async () => given))
    await empty.stop()

    await redis.flushall()
    const program = await stage.program('bounded')
    const before = cpuMicros(redisPid)
    const projector = await program.start('projector')
    projectors.push(await measure(projector.pid, applied))
    redisMicros.push((cpuMicros(redisPid) - before) / total)
    await projector.stop()
    await program.close()
  }
  redis.disconnect()
  const ratios = projectors.map(({ microsEach }, round) => floors[round]!.microsEach / microsEach)
  const rate = (runs: readonly Run[]): string =>
    Math.round(median(runs.map(({ perSecond }) => perSecond))).toLocaleString('en')
  return {
    title: 'Applying: the log from its start',
    method: `${total.toLocaleString('en')} events of ${students.toLocaleString('en')} students (${lived.toLocaleString('en')} of them payments, discounts, fee changes and schedules, spread over all), ${rounds} rounds in turn, an emptied Redis each; measured from a fifth of the log on.`,
    header: ['consumer', 'CPU µs an event', 'events a second', 'Redis, CPU µs an event'],
    rows: [
      [
        'A0: kafkajs, empty handler',
        spread(
          floors.map(({ microsEach }) => microsEach),
          1,
        ),
        rate(floors),
        '–',
      ],
      [
        'projector',
        spread(
          projectors.map(({ microsEach }) => microsEach),
          1,
        ),
        rate(projectors),
        spread(redisMicros, 1),
      ],
    ],
    findings: [`Ratio A0 / projector: ${spread(ratios)}.`],
    figures: { apply_ratio: median(ratios), apply_micros: median(projectors.map(({ microsEach }) => microsEach)) },
  }
}
