import { readFileSync } from 'node:fs'
import { type FakeErp, fakeErp } from '../test/support/fake-erp.ts'
import { openProgram, type Program } from '../test/support/program.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'
import { cpuMicros } from './load.ts'
import { openLoad, type Shot } from './open-load.ts'

/** Every branch's ERP takes calls and never answers, while half of the pulls are hits of the projection. */
export type Scene = {
  /** So many pulls a second, all of them hits. */
  readonly undisturbed: (perSecond: number, forMs: number) => Promise<readonly Shot[]>
  /** Half of them hits (even turns), half of them for students that only the hanging ERPs could know. */
  readonly disturbed: (perSecond: number, forMs: number) => Promise<readonly Shot[]>
  /** The most calls that each ERP has seen at once. */
  readonly mostAtOnce: () => readonly number[]
  readonly gatewayMib: () => number
  readonly gatewayCpuMicros: () => number
  readonly close: () => Promise<void>
}

export type SceneOptions = {
  readonly redisUrl: string
  readonly secret: string
  readonly secretHash: string
  readonly erps: number
  readonly maxConcurrent: number
  readonly timeoutMs: number
  readonly deadlineMs: number
  /** Calls below which the breakers never open. */
  readonly breakerVolume: number
}

const PARTITIONS = 4
const STUDENTS = 500

export const hangingErps = async (options: SceneOptions): Promise<Scene> => {
  const { redisUrl, secret, secretHash, maxConcurrent, timeoutMs, deadlineMs, breakerVolume } = options
  const log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const erps: FakeErp[] = []
  for (let n = 0; n < options.erps; n++) erps.push(await fakeErp())
  await Promise.all(erps.map((erp) => erp.behave({ kind: 'hang' })))
  const branches = erps.map(({ url }, index) => ({
    collector_code: `B-${index}`,
    erp: {
      url,
      username: 'u',
      password: 'env:ERP_PASSWORD',
      timeout_ms: timeoutMs,
      max_concurrent: maxConcurrent,
      breaker: { volume: breakerVolume },
    },
  }))
  const config = {
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'payable', paid_instalments: 'omit' },
    pull: { deadline_ms: deadlineMs },
    freshness: { wait_ms: Math.min(1_000, deadlineMs / 2) },
    branches,
    clients: [{ username: 'bench', secrets: [secretHash], branches: 'all' }],
  }
  process.env['ERP_PASSWORD'] ??= 'unused'
  const program: Program = await openProgram({ brokers: sharedBrokers(), redisUrl, config: JSON.stringify(config) })
  const school = publisher(topic, PARTITIONS)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5_000)]))
  await program.start('projector')
  const gateway = await program.start('gateway')
  const auth = `bench:${secret}`
  const headers = { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
  const hitUrl = (turn: number) => `${gateway.url}/fetch-student?identifier=S-${(turn * 7) % STUDENTS}`
  const missUrl = (turn: number) =>
    `${gateway.url}/fetch-student?identifier=unknown-${turn}&collector_code=B-${turn % options.erps}`
  const isProjected = async () => (await fetch(hitUrl(STUDENTS - 1), { headers }).catch(() => null))?.status === 200
  await until('the projection to answer', isProjected, 60_000)

  return {
    undisturbed: (perSecond, forMs) => openLoad(perSecond, forMs, hitUrl, auth),
    disturbed: (perSecond, forMs) =>
      openLoad(perSecond, forMs, (turn) => (turn % 2 === 0 ? hitUrl(turn) : missUrl((turn - 1) / 2)), auth),
    mostAtOnce: () => erps.map((erp) => erp.maxOpen()),
    gatewayCpuMicros: () => cpuMicros(gateway.pid),
    gatewayMib: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024,
    close: async () => {
      await program.close()
      await Promise.all([log.close(), ...erps.map((erp) => erp.close())])
    },
  }
}
