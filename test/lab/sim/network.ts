import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { Proc, SimTime } from './time.ts'

/** How a server behaves towards its callers right now. */
export type ServerState = {
  /** Refuses at once, or does not answer at all. */
  down: 'no' | 'refusing' | 'hanging'
  /** How probable it is that a request or a reply gets lost, or that a request arrives after its caller gave up. */
  loss: number
}

export const healthy = (): ServerState => ({ down: 'no', loss: 0 })

export type Link = {
  readonly server: ServerState
  readonly deadlineMs: number
  readonly unavailable: () => Error
  /** What is counted: `store` or `log`. */
  readonly name: string
}

/**
 * Calls over a network: the request is there after a while, the effect happens in the world, the reply is back after a
 * while. A caller that has waited for its deadline gives up; what it asked for may still happen.
 */
export type Network = {
  readonly call: <T>(proc: Proc, link: Link, effect: () => Promise<T>, what?: string) => Promise<T>
}

export const network = (time: SimTime, random: Random, counts: Counts): Network => {
  const latency = (): number => {
    const base = 0.1 + random.below(1000) / 1000
    return random.chance(0.02) ? base + random.below(60) : base
  }

  const call: Network['call'] = (proc, { server, deadlineMs, unavailable, name }, effect, what) =>
    new Promise((resolve, reject) => {
      const giveUp = (afterMs: number): void => void time.at(afterMs, proc, () => reject(unavailable()))
      if (server.down === 'refusing') return giveUp(latency())
      if (server.down === 'hanging') return giveUp(deadlineMs)
      let [there, back] = [latency(), latency()]
      const fate = server.loss > 0 && random.chance(server.loss) ? random.pick(['request', 'reply', 'late']) : 'none'
      if (fate === 'late') there = deadlineMs * (1 + random.below(3)) + random.below(500)
      if (fate === 'request') return giveUp(deadlineMs)
      time.at(there, time.world, () => {
        if (server.down !== 'no') {
          if (there < deadlineMs) giveUp(server.down === 'refusing' ? back : deadlineMs - there)
          return
        }
        const done = (settle: () => void) => {
          if (fate !== 'none') counts.add(`${name}: ${fate === 'reply' ? 'lost reply' : 'late effect'}`)
          if (fate !== 'none' && what !== undefined)
            counts.add(`${what}: ${fate === 'reply' ? 'lost reply' : 'late effect'}`)
          if (fate === 'reply') giveUp(Math.max(0, deadlineMs - there))
          else if (there + back <= deadlineMs) time.at(back, proc, settle)
          else if (there < deadlineMs) giveUp(deadlineMs - there)
        }
        effect().then(
          (value) => done(() => resolve(value)),
          (error) => done(() => reject(error)),
        )
      })
      if (there >= deadlineMs) giveUp(deadlineMs)
    })
  return { call }
}
