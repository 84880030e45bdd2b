import type { Program, Running } from '../../support/program.ts'
import { addUp, scrape } from './scraped.ts'

export type Role = 'projector' | 'gateway'

/** The processes of the real program in one round. */
export type Crew = {
  readonly start: (role: Role) => Promise<Running>
  readonly begin: Program['begin']
  readonly of: (role: Role) => readonly Running[]
  /** One of them is gone, or will be. */
  readonly forget: (one: Running) => void
  /** Reads what every process counts; called often, as a killed one takes its counts with it. */
  readonly scrape: () => Promise<void>
  /** What they counted, dead ones included. */
  readonly counted: () => Readonly<Record<string, number>>
}

export const openCrew = (program: Program): Crew => {
  const running = new Map<Running, Role>()
  const counts = new Map<Running, Readonly<Record<string, number>>>()
  return {
    begin: program.begin,
    start: async (role) => {
      // A port that was free a moment ago may be taken by now.
      const one = await program.start(role).catch(() => program.start(role))
      running.set(one, role)
      return one
    },
    of: (role) => [...running].filter(([, is]) => is === role).map(([one]) => one),
    forget: (one) => void running.delete(one),
    scrape: async () => {
      await Promise.all(
        [...running.keys()].map(async (one) => {
          const scraped = await scrape(one.metricsUrl)
          if (scraped) counts.set(one, scraped)
        }),
      )
    },
    counted: () => addUp([...counts.values()]),
  }
}
