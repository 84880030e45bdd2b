import { superseded } from './answers-scene.ts'
import { feeOf, type Pulled, pull } from './partner.ts'
import {
  assessed,
  discount,
  enrolled,
  feeChange,
  makePupil,
  type Pupil,
  payment,
  schedule,
  transfer,
} from './school.ts'
import type { World } from './world.ts'

/** One scene: what happens, what the partner is told, and whether that is right. */
export type Scene = { readonly title: string; readonly play: () => Promise<Told> }
export type Told = { readonly lines: readonly string[]; readonly wrong: string | null }

const TUITION = 'TUITION_FEE'
const rupees = (amount: number | null): string => (amount === null ? 'none' : `₹${amount.toLocaleString('en-IN')}`)
const where = ({ source, reason, status }: Pulled): string =>
  `${status} from ${source}${reason ? `, reason ${reason}` : ''}`
const ms = (value: number): string => `${value.toFixed(1)} ms`

export const scenes = (world: World, pupils: readonly Pupil[]): readonly Scene[] => {
  const [first, second, third, fourth, fifth, sixth] = pupils as readonly [Pupil, Pupil, Pupil, Pupil, Pupil, Pupil]
  const { topic } = world
  return [
    changed(world, first, 'The school raises a fee by ₹1,500', 1_500, () => [
      feeChange(topic, first, first.fees.get(TUITION)! + 1_500),
      schedule(topic, first),
    ]),
    changed(world, second, 'A scholarship of ₹4,000 is granted', -4_000, () => [
      discount(topic, second, 'merit', 4_000),
      schedule(topic, second),
    ]),
    changed(world, third, 'A parent pays ₹2,500 at the school desk', -2_500, () => [
      payment(topic, third, 'desk-1', 2_500),
    ]),
    transferred(world, fourth),
    unknown(world),
    ...(world.pause && world.resume ? [paused(world, fifth, world.pause, world.resume)] : []),
    ...(world.killAndRestart ? [killed(world, fifth, world.killAndRestart)] : []),
    superseded(world, sixth),
  ]
}

/** Event → answer: the very next pull after the acknowledgement must contain it. */
const changed = (
  world: World,
  pupil: Pupil,
  title: string,
  by: number,
  events: () => Parameters<World['publish']>[0],
): Scene => ({
  title,
  play: async () => {
    const before = feeOf(await pull(world, { identifier: pupil.id }), TUITION)
    await world.publish(events())
    const acknowledged = performance.now()
    const answer = await pull(world, { identifier: pupil.id })
    const took = performance.now() - acknowledged
    const after = feeOf(answer, TUITION)
    const right = answer.source === 'projection' && before !== null && after === before + by
    return {
      lines: [
        `${pupil.id} owes ${rupees(before)} tuition → ${rupees(after)}`,
        `in the answer ${ms(took)} after ${world.acknowledger} acknowledged it (${where(answer)})`,
      ],
      wrong: right ? null : `expected ${rupees((before ?? 0) + by)} from the projection`,
    }
  },
})

const transferred = (world: World, pupil: Pupil): Scene => ({
  title: 'A student moves to another branch',
  play: async () => {
    const [from, to] = [pupil.branch, pupil.branch === 'MUM-02' ? 'DEL-03' : 'MUM-02'] as const
    await world.publish([transfer(world.topic, pupil, to)])
    const acknowledged = performance.now()
    const old = await pull(world, { identifier: pupil.id, collector_code: from })
    const next = await pull(world, { identifier: pupil.id })
    const took = performance.now() - acknowledged
    const right =
      old.status === 422 && old.body.code === 'student_transferred' && next.body.data?.student.collector_code === to
    return {
      lines: [
        `${pupil.id} at ${from}: ${old.status} ${old.body.code}; now answered for ${to}, ${rupees(feeOf(next, TUITION))} tuition`,
        `both pulls done ${ms(took)} after the acknowledgement`,
      ],
      wrong: right ? null : 'the old branch must answer student_transferred, the new one the student',
    }
  },
})

/** Known to its ERP, but no event about it was ever published. */
const unknown = (world: World): Scene => ({
  title: 'The projection does not know a student: its ERP is asked',
  play: async () => {
    const pupil: Pupil = { ...makePupil(0), id: 'S-9001', fees: new Map([[TUITION, 42_000]]) }
    world.books.enter([enrolled(world.topic, pupil), assessed(world.topic, pupil)])
    const answer = await pull(world, { identifier: pupil.id, collector_code: pupil.branch })
    const right = answer.source === 'erp' && answer.reason === 'miss' && feeOf(answer, TUITION) === 42_000
    return {
      lines: [
        `${pupil.id}: ${where(answer)}, ${rupees(feeOf(answer, TUITION))} in ${ms(answer.ms)} (that ERP takes its time)`,
      ],
      wrong: right ? null : "expected the ERP's 42,000, reason miss",
    }
  },
})

const paused = (world: World, pupil: Pupil, pause: () => Promise<unknown>, resume: () => Promise<unknown>): Scene => ({
  title: 'Kafka hangs: nothing can be proven fresh, so the ERP answers',
  play: async () => {
    const before = feeOf(await pull(world, { identifier: pupil.id }), TUITION)
    await pause()
    const hanging = await pull(world, { identifier: pupil.id }).finally(resume)
    const back = await again(world, pupil)
    const asItWas = feeOf(hanging, TUITION) === before
    const right = hanging.source === 'erp' && hanging.reason === 'stale' && asItWas && back?.source === 'projection'
    return {
      lines: [
        `${pupil.id}: ${where(hanging)}, ${rupees(feeOf(hanging, TUITION))} in ${ms(hanging.ms)}`,
        `Kafka goes on: ${back ? where(back) : 'still no proof'}`,
      ],
      wrong: right ? null : 'expected the ERP with reason stale, then the projection again',
    }
  },
})

/** Without Kafka the program is the log itself, so this is what may not cost an event. */
const killed = (world: World, pupil: Pupil, killAndRestart: () => Promise<void>): Scene => ({
  title: 'The process is killed right after an acknowledgement',
  play: async () => {
    const before = feeOf(await pull(world, { identifier: pupil.id }), TUITION)
    const raised = pupil.fees.get(TUITION)! + 700
    await world.publish([feeChange(world.topic, pupil, raised), schedule(world.topic, pupil)])
    const died = performance.now()
    await killAndRestart()
    const answer = await again(world, pupil)
    const after = answer && feeOf(answer, TUITION)
    return {
      lines: [
        `SIGKILL; the first answer of the next process came ${ms(performance.now() - died)} later`,
        `${pupil.id} owes ${rupees(before)} tuition → ${rupees(after)} (${answer ? where(answer) : 'no answer'})`,
      ],
      wrong: before !== null && after === before + 700 ? null : `expected ${rupees((before ?? 0) + 700)}`,
    }
  },
})

/** Until the projection answers again, for a bounded time. */
const again = async (world: World, pupil: Pupil): Promise<Pulled | null> => {
  for (const until = Date.now() + 15_000; Date.now() < until; ) {
    const answer = await pull(world, { identifier: pupil.id })
    if (answer.source === 'projection') return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return null
}
