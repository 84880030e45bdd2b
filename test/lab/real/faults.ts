import type { FakeErp } from '../../support/fake-erp.ts'
import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { Crew, Role } from './crew.ts'
import { rebuildKilled, rebuilt } from './rebuild-events.ts'
import type { RealPull } from './traffic.ts'

/** Partitions without a leader, from the moment of the fault until another leader is known; Unix milliseconds. */
export type Away = {
  readonly lost: readonly number[]
  readonly fromMs: number
  readonly knownMs: number
  /** The former leader goes on to answer clients. */
  readonly isCutOff: boolean
  /** No other fault came with it. */
  readonly isAlone: boolean
}

export type Scene = {
  readonly random: Random
  readonly counts: Counts
  readonly crew: Crew
  readonly erp: FakeErp
  readonly topic: string
  /** Every pull so far. */
  readonly pulls: () => readonly RealPull[]
  /** Partitions whose leader was away. */
  readonly noteAway: (away: Omit<Away, 'isAlone'>) => void
  /** What no fault excuses. */
  readonly wrong: (problem: string) => void
}

/** `wound` ends when the fault is done, or over; what it resolves to puts right what does not heal by itself. */
export type RealFault = {
  readonly name: string
  readonly wound: (scene: Scene) => Promise<() => Promise<void>>
}

export type WeightedFaults = readonly (readonly [weight: number, RealFault])[]

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
export const nothing = async (): Promise<void> => {}

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
export const PROCESS_FAULTS: WeightedFaults = [
  [9, killed('projector')],
  [5, killed('projector', 8000)],
  [2, killed('gateway')],
  [2, paused('projector', 12_000)],
  [2, paused('gateway', 2000)],
  [2, stopped],
  [2, erpBad],
  [1, rebuilt],
  [1, rebuildKilled],
]
