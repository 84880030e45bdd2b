import type { DatabaseSync } from 'node:sqlite'
import type { Generations } from '../../../consumers/ports/store.ts'

/** A step of building generations; the result is the generation, or 1 and 0 for yes and no. */
export type BuildStep =
  | { readonly kind: 'begin' }
  | { readonly kind: 'hold'; readonly owner: string; readonly nowMs: number; readonly untilMs: number }
  | { readonly kind: 'release'; readonly owner: string }
  | { readonly kind: 'forget'; readonly generation: number }

export type Builds = {
  readonly step: (step: BuildStep) => number
  /** Updates the other generations after `to` replaced `from` as the active one. */
  readonly activated: (from: number | null, to: number) => void
}

/** The caller opens the write transaction. */
export const builds = (db: DatabaseSync): Builds => {
  const building = db.prepare('SELECT building FROM store')
  const begin = db.prepare('UPDATE store SET building = ?')
  const next = db.prepare('UPDATE store SET last_generation = last_generation + 1 RETURNING last_generation')
  const hold = db.prepare(
    'UPDATE store SET builder = ?1, until_ms = ?3 WHERE builder IS NULL OR builder = ?1 OR until_ms <= ?2',
  )
  const release = db.prepare('UPDATE store SET builder = NULL WHERE builder = ?')
  const forget = [
    'UPDATE store SET former = NULL WHERE former = ?',
    'UPDATE store SET building = NULL WHERE building = ?',
    'DELETE FROM store_leftovers WHERE generation = ?',
  ].map((sql) => db.prepare(sql))
  const activated = [
    'INSERT OR IGNORE INTO store_leftovers SELECT former FROM store WHERE former IS NOT NULL AND former IS NOT ?2 AND ?1 IS NOT ?2',
    'UPDATE store SET former = ?1 WHERE ?1 IS NOT ?2',
    'UPDATE store SET building = NULL WHERE building = ?2 AND ?1 IS NOT ?2',
    'DELETE FROM store_leftovers WHERE generation = ?2 AND ?1 IS NOT ?2',
  ].map((sql) => db.prepare(sql))

  return {
    step: (step) => {
      switch (step.kind) {
        case 'begin': {
          const begun = (building.get() as { building: number | null }).building
          if (begun !== null) return begun
          const { last_generation: number } = next.get() as { last_generation: number }
          begin.run(number)
          return number
        }
        case 'hold':
          return Number(hold.run(step.owner, step.nowMs, step.untilMs).changes)
        case 'release':
          return Number(release.run(step.owner).changes)
        case 'forget':
          for (const statement of forget) statement.run(step.generation)
          return 1
      }
    },
    activated: (from, to) => {
      for (const statement of activated) statement.run(from, to)
    },
  }
}

export const generationsIn = (db: DatabaseSync): (() => Generations) => {
  const numbers = db.prepare('SELECT active, former, building FROM store')
  const leftovers = db.prepare('SELECT generation FROM store_leftovers')
  return () => {
    const { active, former, building } = numbers.get() as Omit<Generations, 'leftovers'>
    const rest = leftovers.all() as { generation: number }[]
    return { active, former, building, leftovers: rest.map(({ generation }) => generation) }
  }
}
