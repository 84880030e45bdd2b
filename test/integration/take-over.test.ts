import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { builderSignatureOf, generationState } from '../../consumers/projector/generations.ts'
import type { Projector } from '../../consumers/projector/projector.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import { redisProbe } from '../../src/redis/probe.ts'
import { takeOver, untilOurs } from '../../src/roles/take-over.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { POLICY, projectionOn, ZONE } from '../support/projection.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const OTHER: Policy = { ...POLICY, balance_basis: 'payable' }
const never = new AbortController().signal
const silent = { info: () => {}, warn: () => {} } as never

let log: Log
let redis: PrivateRedis
let store: OpenedStore

beforeAll(async () => {
  log = openLog()
  redis = await privateRedis()
  store = await openStore(targetOf(redis.port), { deadlineMs: 3000 })
})
afterAll(async () => {
  await store.connection.close()
  await redis.close()
  await log.close()
})

it('a projector of another policy builds beside the running one, which then gives way and takes nothing back', async () => {
  const topic = await freshTopic(log, PARTITIONS)
  const school = publisher(topic, PARTITIONS)
  const ids = Array.from({ length: 60 }, (_, index) => `S-${index}`)
  await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000), school.paid(id, 'P', 100)]))
  const projection = projectionOn(log, store, topic, PARTITIONS)
  let superseded = false
  const former = await projection.project({
    onSuperseded: () => {
      superseded = true
    },
  })
  let successor: Projector | null = null
  try {
    await projection.caughtUp()
    const active = (await store.admin.activeGeneration())!
    const deps = projection.deps(OTHER)
    const taking = takeOver({
      deps,
      probe: () => redisProbe(targetOf(redis.port), PARTITIONS),
      log: silent,
      signal: never,
      onWait: () => {},
    })
    // The former one goes on with its own generation until the moment of the switch.
    await log.append(ids.map((id) => school.feeChanged(id, 6000)))
    await taking
    const next = (await store.admin.activeGeneration())!
    expect(next).not.toBe(active)
    expect(await builderSignatureOf(deps, active)).toBe(signatureOf(POLICY, ZONE, deps.topic, PARTITIONS))
    expect(await builderSignatureOf(deps, next)).toBe(signatureOf(OTHER, ZONE, deps.topic, PARTITIONS))
    await until('the former one has noticed', () => superseded)
    await former.stop()

    successor = await projection.project(deps)
    await projection.caughtUp()
    expect(await generationState(projection.deps())).toMatchObject({ kind: 'foreign', generation: next })
    await log.append(ids.map((id) => school.feeChanged(id, 7000)))
    await projection.caughtUp()
    expect(await store.admin.activeGeneration()).toBe(next)

    // A superseded one waits for good, also while the store is empty for a moment.
    const stop = new AbortController()
    const waiting = untilOurs(projection.deps(), silent, stop.signal)
    await successor.stop()
    await store.connection.run((client) => client.flushall())
    await sleep(1500)
    stop.abort()
    await waiting
    expect(await store.admin.activeGeneration()).toBeNull()
  } finally {
    await former.stop()
    await successor?.stop()
  }
}, 60_000)

it('a projector of an older fold waits instead of taking over', async () => {
  await store.connection.run((client) => client.flushall())
  const topic = await freshTopic(log, PARTITIONS)
  const projection = projectionOn(log, store, topic, PARTITIONS)
  const running = await projection.project()
  const stop = new AbortController()
  const waits: (string | null)[] = []
  try {
    await projection.caughtUp()
    const active = await store.admin.activeGeneration()
    const older = { ...projection.deps(), signature: projection.deps().signature.replace(/^v:\d+/u, 'v:0') }
    const taking = takeOver({
      deps: older,
      probe: () => null,
      log: silent,
      signal: stop.signal,
      onWait: (what) => waits.push(what),
    })
    await until('it waits', () => waits.length > 0)
    await sleep(100)
    stop.abort()
    await taking
    expect(waits[0]).toContain('newer version')
    expect(await store.admin.activeGeneration()).toBe(active)
    expect(await store.admin.generations()).toMatchObject({ building: null })
  } finally {
    await running.stop()
  }
}, 60_000)
