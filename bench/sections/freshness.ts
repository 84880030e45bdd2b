import { partitionOf } from '../../consumers/ports/partition.ts'
import { until } from '../../test/support/until.ts'
import { quantile } from '../load.ts'
import type { Section } from '../report.ts'
import { caughtUp, type Stage } from '../stage.ts'
import { idOf, PARTITIONS } from '../world.ts'

/** Kafka's acknowledgement → the answer to a pull that must contain the event; the floor is an empty handler's hearing of it. */
export const freshnessSection = async (
  stage: Stage,
  students: number,
  pulls: number,
  backgroundPerSecond: number,
): Promise<Section> => {
  const program = await stage.program('strict')
  const [projector, gateway] = [await program.start('projector'), await program.start('gateway')]
  await caughtUp(stage, gateway, students)
  const heard = new Map<string, number>()
  const consumer = await stage.log.consume(stage.topic, `floor.${stage.topic}`, {
    assigned: async (partition) => (await stage.log.endOffsets(stage.topic, [partition])).get(partition)!,
    revoked: () => {},
    batch: async ({ partition, records }) => {
      for (const { offset } of records) heard.set(`${partition}:${offset}`, performance.now())
      return { kind: 'next' }
    },
  })
  await until(
    'the floor to hear events',
    async () => {
      await stage.log.append([stage.world.pay(0)])
      return heard.size > 0
    },
    30_000,
  )

  const measure = async (): Promise<{ floors: number[]; answers: number[]; missing: number; elsewhere: number }> => {
    const [floors, answers]: [number[], number[]] = [[], []]
    let [missing, elsewhere] = [0, 0]
    for (let turn = 0; turn < pulls; turn += 1) {
      const index = turn % students
      const [position] = await stage.log.append([stage.world.pay(index)])
      const acknowledged = performance.now()
      const response = await fetch(stage.pullUrl(gateway, index), { headers: stage.headers })
      await response.arrayBuffer()
      answers.push(performance.now() - acknowledged)
      const place = `${partitionOf(idOf(index), PARTITIONS)}:${position!.offset}`
      if (response.headers.get('x-pullgate-source') !== 'projection' || response.status !== 200) elsewhere += 1
      else if (response.headers.get('x-pullgate-version') !== place) missing += 1
      await until('the floor to hear it', () => heard.has(place))
      floors.push(Math.max(0, heard.get(place)! - acknowledged))
    }
    return { floors, answers, missing, elsewhere }
  }
  const idle = await measure()
  let stopped = false
  const background = (async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now()
      await stage.log.append(
        Array.from({ length: Math.ceil(backgroundPerSecond / 20) }, (_, at) =>
          stage.world.pay(1000 + ((at * 31) % (students - 1000))),
        ),
      )
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - (performance.now() - began))))
    }
  })()
  const busy = await measure()
  stopped = true
  await background
  await consumer.stop()
  await Promise.all([projector.stop(), gateway.stop()])
  const row = (name: string, ms: readonly number[]): string[] => [
    name,
    quantile(ms, 0.5).toFixed(1),
    quantile(ms, 0.99).toFixed(1),
  ]
  const added = quantile(busy.answers, 0.99) - quantile(busy.floors, 0.99)
  return {
    title: 'Freshness: acknowledged → answered',
    method: `${pulls} times each: an event is acknowledged, and a strict pull that must contain it is sent at once; idle, and with ${backgroundPerSecond.toLocaleString('en')} other events a second. The floor is an empty handler on the same log that hears of the event.`,
    header: ['', 'p50 ms', 'p99 ms'],
    rows: [
      row('floor, idle', idle.floors),
      row('pull that contains it, idle', idle.answers),
      row('floor, busy', busy.floors),
      row('pull that contains it, busy', busy.answers),
    ],
    findings: [
      `Answers without the event: ${idle.missing + busy.missing}. Not answered by the projection in time: ${idle.elsewhere + busy.elsewhere}. Over the floor at p99, busy: ${added.toFixed(1)} ms.`,
    ],
    figures: {
      freshness_idle_p99_ms: quantile(idle.answers, 0.99),
      freshness_busy_p99_ms: quantile(busy.answers, 0.99),
      freshness_missing: idle.missing + busy.missing,
    },
  }
}
