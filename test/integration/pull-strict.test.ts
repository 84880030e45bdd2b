import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { credentials, openPullWorld, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'
import { call } from './http-edge.ts'

/** Publish, wait for the acknowledgement, pull at once: an answer of the projection has the event. */
const PULLS = 2_000
const MISROUTED_PULLS = 150
const SIDE_BY_SIDE = 8
const STUDENTS = 40

let world: PullWorld
let port: number

const headers = { authorization: credentials('all') }
const pull = (identifier: string) => call(port, `/fetch-student?identifier=${identifier}`, { headers })
const has = (body: string, rupees: number): boolean => body.includes(`"fee_amount":${rupees}}`)

/** An endless stream of other students' events, until it is stopped. */
const backgroundLoad = (events: ReturnType<typeof publisher>, ids: readonly string[]) => {
  let running = true
  let published = 0
  const run = async (): Promise<void> => {
    for (let turn = 1; running; turn++) {
      await world.publish(ids.map((id) => events.feeChanged(id, turn)))
      published += ids.length
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const ended = run()
  return {
    stop: async (): Promise<number> => {
      running = false
      await ended
      return published
    },
  }
}

type Tally = { projected: number; lacking: number }

/** Each asker has students of its own, so that what it published last is what it must see. */
const publishAndPull = async (turns: number, change: (id: string, rupees: number) => NewRecord): Promise<Tally> => {
  const tally: Tally = { projected: 0, lacking: 0 }
  let turn = 0
  const asker = async (asker: number): Promise<void> => {
    for (let own = 0; turn < turns; own++) {
      const rupees = ++turn
      const id = `S-${asker + SIDE_BY_SIDE * (own % Math.floor(STUDENTS / SIDE_BY_SIDE))}`
      await world.publish([change(id, rupees)])
      const { headers: said, body } = await pull(id)
      if (said['x-pullgate-source'] !== 'projection') continue
      tally.projected++
      if (!has(body, rupees)) tally.lacking++
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => asker(index)))
  return tally
}

let school: ReturnType<typeof publisher>

beforeAll(async () => {
  world = await openPullWorld()
  port = await world.gateway({ freshness: { wait_ms: 2_000 } })
  school = publisher(world.topic, WORLD_PARTITIONS)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  await world.publish(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5_000)]))
  await until('the projection to answer', async () => (await pull('S-0')).status === 200, 60_000)
}, 90_000)
afterAll(() => world?.close(), 60_000)

test('two thousand pulls right after an acknowledgement, under load, have the event', async () => {
  const others = publisher(world.topic, WORLD_PARTITIONS, '/erp/others')
  const ids = Array.from({ length: 20 }, (_, index) => `O-${index}`)
  await world.publish(ids.flatMap((id) => [others.enrolled(id), others.assessed(id, 1)]))
  const load = backgroundLoad(others, ids)
  const { projected, lacking } = await publishAndPull(PULLS, school.feeChanged)
  expect(await load.stop()).toBeGreaterThan(100)
  expect(lacking).toBe(0)
  // The rest was called stale, because the machine was busy elsewhere.
  expect(projected).toBeGreaterThan(PULLS / 2)
}, 180_000)

test('so do pulls after an event on a wrong partition, once its source has been seen misrouting', async () => {
  const misroute = (record: NewRecord): NewRecord => ({
    ...record,
    partition: (record.partition + 1) % WORLD_PARTITIONS,
  })
  await world.publish([misroute(school.feeChanged('S-0', 123))])
  await until('the misrouted event to be seen', async () => has((await pull('S-0')).body, 123))
  // What pulls know of misrouting sources may be a moment old.
  await new Promise((resolve) => setTimeout(resolve, 200))
  const { projected, lacking } = await publishAndPull(MISROUTED_PULLS, (id, rupees) =>
    misroute(school.feeChanged(id, rupees)),
  )
  expect(lacking).toBe(0)
  expect(projected).toBeGreaterThan(0)
}, 120_000)
