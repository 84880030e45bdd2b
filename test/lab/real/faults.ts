import type { PrivateKafka } from '../../integration/private-kafka.ts'
import type { FakeErp } from '../../support/fake-erp.ts'
import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { Crew, Role } from './crew.ts'
import { rebuildKilled, rebuilt } from './rebuild-events.ts'
import type { RedisPair } from './redis-pair.ts'
import type { Relay } from './relay.ts'

export type Scene = {
  readonly random: Random
  readonly counts: Counts
  readonly crew: Crew
  readonly redis: RedisPair
  readonly kafka: PrivateKafka
  readonly kafkaRelay: Relay
  readonly erp: FakeErp
  /** What no fault excuses. */
  readonly wrong: (problem: string) => void
}

/** `wound` ends when the fault is done, or over; what it resolves to puts right what does not heal by itself. */
export type RealFault = {
  readonly name: string
  readonly wound: (scene: Scene) => Promise<() => Promise<void>>
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const nothing = async (): Promise<void> => {}

/** `awayMs`: how long it is until another is started, as after the end of a whole host. */
const killed = (role: Role, awayMs = 0): RealFault => ({
  name: `${role} killed (SIGKILL)${awayMs === 0 ? '' : ', nobody in its place'}`,
  wound: async ({ crew, random }) => {
    const victim = random.pick(crew.of(role))
    crew.forget(victim)
    await victim.kill()
    return async () => {
      await sleep(awayMs)
      await crew.start(role)
    }
  },
})

const paused = (role: Role, atMostMs: number): RealFault => ({
  name: `${role} paused (SIGSTOP, SIGCONT)`,
  wound: async ({ crew, random }) => {
    const victim = random.pick(crew.of(role))
    victim.signal('SIGSTOP')
    await sleep(500 + random.below(atMostMs))
    return async () => victim.signal('SIGCONT')
  },
})

const stopped: RealFault = {
  name: 'projector stopped (SIGTERM), another started',
  wound: async ({ crew, random }) => {
    const victim = random.pick(crew.of('projector'))
    crew.forget(victim)
    await Promise.all([victim.stop(), crew.start('projector')])
    return nothing
  },
}

const redisFlushed: RealFault = {
  name: 'Redis emptied (FLUSHALL)',
  wound: async ({ redis }) => {
    await redis.flush()
    return nothing
  },
}

const redisFailover: RealFault = {
  name: 'Redis replica promoted, acknowledged writes lost',
  wound: async ({ redis, random }) => {
    await redis.failover(300 + random.below(3000))
    return nothing
  },
}

const redisRestored: RealFault = {
  name: 'Redis restored from an old RDB file',
  wound: async ({ redis, random }) => {
    await redis.save()
    await sleep(500 + random.below(4000))
    await redis.restore()
    return nothing
  },
}

const redisFull: RealFault = {
  name: 'Redis out of memory (writes refused)',
  wound: async ({ redis, random }) => {
    await redis.fill()
    await sleep(500 + random.below(3000))
    return redis.empty
  },
}

const redisPaused: RealFault = {
  name: 'Redis paused (SIGSTOP, SIGCONT)',
  wound: async ({ redis, random }) => {
    redis.pause()
    await sleep(500 + random.below(4000))
    return async () => redis.resume()
  },
}

const redisReset: RealFault = {
  name: 'connections to Redis reset',
  wound: async ({ redis }) => {
    redis.relay.reset()
    return nothing
  },
}

const kafkaReset: RealFault = {
  name: 'connections to Kafka reset',
  wound: async ({ kafkaRelay }) => {
    kafkaRelay.reset()
    return nothing
  },
}

const kafkaRestarted: RealFault = {
  name: 'broker killed and started',
  wound: async ({ kafka, kafkaRelay }) => {
    await kafka.kill()
    kafkaRelay.reset()
    await sleep(200)
    await kafka.start()
    return nothing
  },
}

const kafkaPaused: RealFault = {
  name: 'broker paused (SIGSTOP, SIGCONT)',
  wound: async ({ kafka, random }) => {
    kafka.signal('SIGSTOP')
    await sleep(500 + random.below(3000))
    return async () => kafka.signal('SIGCONT')
  },
}

const erpBad: RealFault = {
  name: 'ERP hangs, refuses or lies',
  wound: async ({ erp, random }) => {
    await erp.behave(
      random.pick([{ kind: 'hang' }, { kind: 'status', code: 503 }, { kind: 'garbage' }, { kind: 'reset' }]),
    )
    return async () => void (await erp.behave({ kind: 'ok' }))
  },
}

/** What kills a projector is drawn a third of the time: nothing else leaves as much to take over. */
export const REAL_FAULTS: readonly (readonly [weight: number, RealFault])[] = [
  [9, killed('projector')],
  [5, killed('projector', 8000)],
  [2, killed('gateway')],
  [2, paused('projector', 12_000)],
  [2, paused('gateway', 2000)],
  [2, stopped],
  [2, redisFlushed],
  [2, redisFailover],
  [2, redisRestored],
  [2, redisFull],
  [2, redisPaused],
  [2, redisReset],
  [2, kafkaReset],
  [2, kafkaRestarted],
  [2, kafkaPaused],
  [2, erpBad],
  [1, rebuilt],
  [1, rebuildKilled],
]
