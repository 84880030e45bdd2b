import { Redis } from 'ioredis'
import { sharedBrokers } from '../../test/support/shared-kafka.ts'
import { applied, logged, type Run, runOf } from '../applied.ts'
import { startChild } from '../child.ts'
import { cpuMicros } from '../load.ts'
import { median, type Section, spread } from '../report.ts'
import { appendAll, type Stage } from '../stage.ts'

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
  const total = await logged(stage)
  const redis = new Redis({ port: stage.redis.port })
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])

  const floors: Run[] = []
  const projectors: Run[] = []
  const redisMicros: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const empty = await startChild('empty-consumer.ts', sharedBrokers(), stage.topic)
    let given = Number(empty.said.split('\n').at(-1))
    empty.process.stdout!.on('data', (chunk) => {
      given = Number(String(chunk).trim().split('\n').at(-1))
    })
    floors.push(await runOf(empty.pid, total, async () => given))
    await empty.stop()

    await redis.flushall()
    const program = await stage.program('bounded')
    const before = cpuMicros(redisPid)
    const projector = await program.start('projector')
    projectors.push(await runOf(projector.pid, total, () => applied(redis)))
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
