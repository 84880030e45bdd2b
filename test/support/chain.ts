import type { Log } from '../../consumers/ports/log.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import { basic, cheapHash } from '../integration/http-edge.ts'
import { type PrivateRedis, privateRedis } from './private-redis.ts'
import { openProgram, type Program, type Running } from './program.ts'
import { freshTopic, openLog, sharedBrokers } from './shared-kafka.ts'
import { until } from './until.ts'

/** The whole way of an event: a topic of its own, the projector's and the gateway's processes, a Redis of its own. */
export type Chain = {
  readonly topic: string
  readonly log: Log
  readonly redis: PrivateRedis
  readonly program: Program
  readonly projector: () => Running
  /** Ends the projector and starts another one. */
  readonly restart: () => Promise<void>
  readonly pull: (query: Readonly<Record<string, string>>) => Promise<Pulled>
  /** A metric's samples of the projector, summed. */
  readonly counted: (metric: string) => Promise<number>
  readonly close: () => Promise<void>
}

export type Pulled = {
  readonly status: number
  readonly source: string | null
  readonly reason: string | null
  readonly body: string
}

export type ChainOptions = { readonly partitions: number; readonly policy: Policy; readonly waitMs?: number }

const TIMEZONE = 'Asia/Kolkata'
const PARTNER = basic('jodo', 'j-secret')

export const openChain = async (options: ChainOptions): Promise<Chain> => {
  const opened: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const end of opened.toReversed()) await end()
  }
  try {
    return await open(options, opened, close)
  } catch (error) {
    await close()
    throw error
  }
}

const open = async (
  { partitions, policy, waitMs = 8000 }: ChainOptions,
  opened: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Chain> => {
  const log = openLog()
  opened.push(log.close)
  const topic = await freshTopic(log, partitions)
  const redis = await privateRedis()
  opened.push(redis.close)
  const program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      timezone: TIMEZONE,
      topic: { name: topic, partitions },
      policy,
      freshness: { wait_ms: waitMs },
      clients: [{ username: 'jodo', secrets: [cheapHash('j-secret')], branches: 'all' }],
    }),
  })
  opened.push(program.close)
  const ready = ({ metricsUrl }: Running): Promise<boolean> =>
    fetch(`${metricsUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  let projector = await program.start('projector')
  const gateway = await program.start('gateway')
  await until('the projector to be ready', () => ready(projector), 60_000)
  await until('the gateway to be ready', () => ready(gateway), 60_000)

  return {
    topic,
    log,
    redis,
    program,
    projector: () => projector,
    restart: async () => {
      await projector.stop()
      projector = await program.start('projector')
    },
    pull: async (query) => {
      const response = await fetch(`${gateway.url}/fetch-student?${new URLSearchParams(query)}`, {
        headers: { authorization: PARTNER },
      })
      const { status, headers } = response
      return {
        status,
        source: headers.get('x-pullgate-source'),
        reason: headers.get('x-pullgate-reason'),
        body: await response.text(),
      }
    },
    counted: async (metric) => {
      const text = await (await fetch(`${projector.metricsUrl}/metrics`)).text()
      const samples = text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))
      return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
    },
    close,
  }
}
