import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { cpus } from 'node:os'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { Redis } from 'ioredis'
import { Histogram } from 'prom-client'
import type { ProjectionReader } from '../consumers/ports/store.ts'
import { encodeRecord } from '../consumers/stored/record.ts'
import { ALWAYS_VALID } from '../projections/answers/view.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import type { StudentId } from '../projections/values/ids.ts'
import { liveConfig } from '../src/config/live.ts'
import { loadConfig } from '../src/config/load.ts'
import { hashSecret } from '../src/config/secret.ts'
import { clientTables } from '../src/http/clients.ts'
import { requestLogin } from '../src/http/login.ts'
import { parsePullQuery } from '../src/http/query.ts'
import { socketStates } from '../src/http/sockets.ts'
import { buildMetrics } from '../src/metrics/metrics.ts'
import { lastKnownGood } from '../src/pull/last-known-good.ts'
import { pullFrom } from '../src/pull/pull.ts'
import { redisConnection } from '../src/redis/connection.ts'
import { redisStore } from '../src/redis/store.ts'
import { privateRedis } from '../test/support/private-redis.ts'
import { quantile } from './load.ts'

/**
 * What each step of a pull that the projection answers costs this process, and beside it the library that the step
 * uses or passes by: node bench/hit-path.ts
 */
const ROUNDS = 9
const CALLS = 20_000
const AT_ONCE = 16
const POLICY = { balance_basis: 'payable', paid_instalments: 'omit' } as const

/** CPU of this process, microseconds a call: the median of the rounds. */
const micros = async (work: () => unknown, calls = CALLS): Promise<string> => {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage()
    for (let call = 0; call < calls; call += 1) {
      const pending = work()
      if (pending instanceof Promise) await pending
    }
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / calls)
  }
  return quantile(rounds, 0.5).toFixed(2)
}

const secret = randomBytes(24).toString('base64url')
const stored = await hashSecret(secret)
const loaded = loadConfig({
  file: 'pullgate.yaml',
  env: {},
  readFile: () => `
policy: { balance_basis: payable, paid_instalments: omit }
clients: [{ username: jodo, secrets: ["${stored}"], branches: all }]
`,
})
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))

const app = Fastify({ logger: false })
const login = await requestLogin(app, clientTables(liveConfig(loaded.config)), (error) => {
  throw error
})
app.route({ method: 'GET', url: '/fetch-student', onRequest: (_, reply) => void reply.hijack(), handler: () => {} })
await app.ready()

const headers = { authorization: `Basic ${Buffer.from(`jodo:${secret}`).toString('base64')}` }
const target = '/fetch-student?identifier=STU-2026-0000001&collector_code=BR-001'
const socket = { remoteAddress: '127.0.0.1' }
const raw = { method: 'GET', url: target, headers, socket } as unknown as IncomingMessage
const response = { setHeader: () => {} } as unknown as ServerResponse
const request = { headers, raw } as unknown as FastifyRequest
const reply = { header: () => reply, code: () => reply } as unknown as FastifyReply
const states = socketStates()
const letIn = states(raw.socket)
await login(request, reply, letIn)
const throughPlugin = () => new Promise<void>((resolve) => app.basicAuth(request, reply, () => resolve()))

const id = 'STU-2026-0000001' as StudentId
const record = encodeRecord(
  {
    suspect: false,
    last: { partition: 3, offset: 1_000 },
    sources: ['/erp/BR-001'],
    enrolments: [
      {
        ...{ grade: '7', yearStart: '2026', yearEnd: '2027', collectorCode: 'BR-001', customIdentifier: 'ADM/1' },
        ...{ valid: ALWAYS_VALID, later: null },
        now: { status: 'active', leftAt: null, leftOrder: 0, body: 'x'.repeat(1_668), wants: null },
      },
    ],
  },
  'x'.repeat(800),
)
const checkpoint = { next: 2_000, metadata: 'signature topic.0' }
const view = { generation: 1, partition: 3, checkpoint, lease: { next: 2_000, provenAtMs: 1 }, record }
const proven = Promise.resolve(view)
const nobody = Promise.resolve(new Set<string>())
const pull = pullFrom({
  config: () => ({ branches: [] }),
  reader: { student: () => proven } as unknown as ProjectionReader,
  proof: {
    ...{ mode: 'bounded', waitMs: 250, signature: 'signature', ends: () => Promise.resolve(null) },
    ...{ isSound: () => true, onWait: () => {} },
  },
  publishers: { misrouting: () => nobody } as never,
  erps: { forBranch: () => undefined },
  known: lastKnownGood(0, 0),
  partitionOf: () => 3,
  ...{ onFallback: () => {}, onAhead: () => {}, onFault: () => {} },
  rendering: { policy: POLICY, calendar: calendarOf('Asia/Kolkata') },
  severalYears: 'latest',
  clock: Date.now,
})
const parsed = parsePullQuery(target)
if (!parsed.ok) throw new Error(parsed.message)
const pullOnce = () => pull(parsed.query, { username: 'jodo', scope: 'all' }, performance.now() + 10_000, 'r')
const first = await pullOnce()
if (first.kind !== 'answer' || first.source !== 'projection') throw new Error(JSON.stringify(first))

const metrics = buildMetrics(['gateway'], {
  version: '0',
  partitions: 16,
  eventTypes: [],
  heartbeatSources: [],
  erps: [],
})
const observe = metrics.observer('pullgate_pull_duration_seconds', { source: 'projection', code: '200' })
const usual = new Histogram({ name: 'h', help: 'h', labelNames: ['source', 'code'], registers: [] })

const server = await privateRedis()
const connection = redisConnection({ kind: 'single', host: '127.0.0.1', port: server.port }, { deadlineMs: 5_000 })
await connection.whenReady(5_000)
const store = redisStore(connection, 16)
await store.admin.activate(null, 1)
const redis = new Redis({ port: server.port, host: '127.0.0.1' })
await redis.set('body', record)
const together = (ask: (partition: number) => Promise<unknown>) => () =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, partition) => ask(partition)))
const each = async (ask: (partition: number) => Promise<unknown>): Promise<string> =>
  (Number(await micros(together(ask), CALLS / AT_ONCE)) / AT_ONCE).toFixed(2)

const rows = [
  ['routing', await micros(() => app.routing(raw, response)), 'Fastify, its reply taken over', 'the same'],
  [
    'log-in',
    await micros(() => login(request, reply, letIn)),
    '@fastify/basic-auth, known secret',
    await micros(throughPlugin),
  ],
  ['query', await micros(() => parsePullQuery(target)), '–', '–'],
  ['match, proof and decision', await micros(pullOnce), '–', '–'],
  [
    `store read, ${AT_ONCE} pulls in a turn`,
    await each((partition) => store.reader.student(partition, id)),
    'ioredis, a GET each',
    await each(() => redis.getBuffer('body')),
  ],
  [
    'metrics',
    await micros(() => observe(0.001, 'r')),
    'prom-client, labels each time',
    await micros(() => usual.observe({ source: 'projection', code: '200' }, 0.001)),
  ],
]
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n`)
process.stdout.write('| step | CPU µs | the library | CPU µs |\n|---|---|---|---|\n')
for (const row of rows) process.stdout.write(`| ${row.join(' | ')} |\n`)
redis.disconnect()
await connection.close()
await server.close()
await app.close()
