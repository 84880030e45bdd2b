import { readFileSync } from 'node:fs'
import { type FakeErp, fakeErp } from '../test/support/fake-erp.ts'
import type { Behaviour } from '../test/support/fake-erp-behaviours.ts'
import { active } from '../test/support/fake-erp-students.ts'
import { openProgram, type Program, type Running } from '../test/support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'

/** A group of many branches, each with an ERP of its own. Their students are not published, so the ERPs answer. */
export type BranchesScene = {
  readonly erps: readonly FakeErp[]
  readonly gateway: Running
  /** From the start of the process to its first answer to a pull. */
  readonly startMs: number
  readonly pullUrl: (branch: number, turn: number) => string
  readonly scrape: () => Promise<Scrape>
  /** Milliseconds from the signal until the new configuration is in force. */
  readonly reload: (round: number) => Promise<number>
  readonly mib: () => number
  readonly close: () => Promise<void>
}

export type Scrape = { readonly ms: number; readonly bytes: number; readonly series: number }

/** Six ways in which an ERP breaks. */
export const BREAKS: readonly Behaviour[] = [
  { kind: 'hang' },
  { kind: 'drip', everyMs: 500 },
  { kind: 'refuse' },
  { kind: 'status', code: 500 },
  { kind: 'garbage' },
  { kind: 'wrong-student' },
]

const PARTITIONS = 16
const STUDENTS = 50
const codeOf = (branch: number): string => `B-${String(branch).padStart(3, '0')}`
const studentOf = (branch: number, turn: number): string => `${codeOf(branch)}-${turn % STUDENTS}`

export const branchesScene = async (
  redisUrl: string,
  branches: number,
  auth: string,
  secretHash: string,
): Promise<BranchesScene> => {
  process.env['BRANCHES_PASSWORD'] ??= 'unused'
  const log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const erps: FakeErp[] = []
  for (let branch = 0; branch < branches; branch += 1) {
    const names = Array.from({ length: STUDENTS }, (_, turn) => studentOf(branch, turn))
    const answers = names.map(
      (identifier) => [identifier, [active({ identifier, collector_code: codeOf(branch) })]] as const,
    )
    erps.push(await fakeErp({ students: new Map(answers) }))
  }
  const configOf = (round: number): string =>
    JSON.stringify({
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
      branches: erps.map(({ url }, branch) => ({
        collector_code: codeOf(branch),
        heartbeat: { source: `/erp/${codeOf(branch)}`, max_age_ms: 86_400_000 },
        // A tenth of the ERPs changes with each round.
        erp: {
          ...{ url, username: 'u', password: 'env:BRANCHES_PASSWORD' },
          timeout_ms: branch % 10 === round % 10 && round > 0 ? 4_001 + round : 4_000,
        },
      })),
      clients: [{ username: auth.split(':')[0], secrets: [secretHash], branches: 'all' }],
    })
  const program: Program = await openProgram({ brokers: sharedBrokers(), redisUrl, config: configOf(0) })
  const headers = { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
  const projector = await program.start('projector')
  await until('the projector', async () => (await fetch(`${projector.metricsUrl}/readyz`)).ok, 60_000)

  const began = performance.now()
  const gateway = await program.start('gateway')
  const pullUrl = (branch: number, turn: number): string =>
    `${gateway.url}/fetch-student?identifier=${studentOf(branch, turn)}&collector_code=${codeOf(branch)}`
  await until('a first answer', async () => (await fetch(pullUrl(0, 0), { headers }).catch(() => null))?.status === 200)
  const startMs = performance.now() - began

  const isReloaded = 'the configuration was read again'
  const reloads = (): number => gateway.output().split(isReloaded).length
  return {
    ...{ erps, gateway, startMs, pullUrl },
    scrape: async () => {
      const from = performance.now()
      const text = await (await fetch(`${gateway.metricsUrl}/metrics`)).text()
      const ms = performance.now() - from
      const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      return { ms, bytes: Buffer.byteLength(text), series }
    },
    reload: async (round) => {
      await program.rewrite(configOf(round))
      const [before, from] = [reloads(), performance.now()]
      gateway.signal('SIGHUP')
      await until('the reload', () => reloads() > before, 30_000)
      return performance.now() - from
    },
    mib: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024,
    close: async () => {
      await program.close()
      await Promise.all([log.close(), ...erps.map((erp) => erp.close())])
    },
  }
}
