import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { credentials, openPullWorld, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'
import { call } from './http-edge.ts'

/** A fee run of so many events for each of some students, on every partition, and the last one for a student who is asked. */
const STUDENTS = 400
const EACH = 40
const ROUNDS_AT_MOST = 12

let world: PullWorld
let port: number
let school: ReturnType<typeof publisher>

const headers = { authorization: credentials('all') }
const pull = async (identifier: string) => {
  const { body, headers: said } = await call(port, `/fetch-student?identifier=${identifier}`, { headers })
  return { body, isProjected: said['x-pullgate-source'] === 'projection' }
}
const has = (body: string, rupees: number): boolean => body.includes(`"fee_amount":${rupees}}`)

const touched = Array.from({ length: STUDENTS }, (_, index) => `T-${index}`)
const last = 'L-0'
/** On the partition of the one whose event is the last: while that one is behind, they are answered by what was scanned. */
const untouched = Array.from({ length: 60 }, (_, index) => `U-${index}`).filter(
  (id) => partitionOf(id, WORLD_PARTITIONS) === partitionOf(last, WORLD_PARTITIONS),
)

beforeAll(async () => {
  world = await openPullWorld()
  port = await world.gateway({})
  school = publisher(world.topic, WORLD_PARTITIONS)
  const ids = [...untouched, ...touched, last]
  await world.publish(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5_000)]))
  await until('the projection to answer', async () => (await pull(last)).isProjected, 60_000)
}, 90_000)
afterAll(() => world?.close(), 60_000)

const feeRun = (round: number): NewRecord[] => [
  ...touched.flatMap((id) =>
    Array.from({ length: EACH }, (_, at) => school.feeChanged(id, 10_000 + round * EACH + at)),
  ),
  school.feeChanged(last, 20_000 + round),
]

type Tally = { ahead: number; lacking: number; wrong: number }

/** Publishes a backlog and pulls beside it, until its last event is in the answer. */
const pullsBeside = async (round: number, tally: Tally): Promise<void> => {
  await world.publish(feeRun(round))
  for (let isThrough = false; !isThrough; ) {
    const others = await Promise.all(untouched.map(pull))
    // Later than the others: where the partition is behind still, it was when they were answered.
    const one = await pull(last)
    isThrough = one.isProjected
    if (one.isProjected && !has(one.body, 20_000 + round)) tally.lacking += 1
    const projected = others.filter((answer) => answer.isProjected)
    tally.wrong += projected.filter(({ body }) => !has(body, 5_000)).length
    if (!isThrough) tally.ahead += projected.length
  }
}

test('while a fee run is applied, students whom it does not touch are answered, and none lacks an event', async () => {
  const tally: Tally = { ahead: 0, lacking: 0, wrong: 0 }
  for (let round = 0; round < ROUNDS_AT_MOST && tally.ahead === 0; round += 1) await pullsBeside(round, tally)
  expect(tally).toMatchObject({ lacking: 0, wrong: 0 })
  expect(tally.ahead).toBeGreaterThan(0)
}, 240_000)
