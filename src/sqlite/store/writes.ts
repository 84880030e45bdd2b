import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PartitionWrite, WriteResult } from '../../../consumers/ports/store.ts'
import { type BuildStep, builds } from './builds.ts'
import { comparer } from './compare.ts'

/** Writes to the projection's tables; the caller opens the write transaction. */
export type StoreWrites = {
  readonly apply: (write: PartitionWrite) => WriteResult
  readonly activate: (from: number | null, to: number) => boolean
  readonly newGeneration: () => number
  /** Retires the generation and removes a part of it; `null` where it is active, 0 when nothing is left. */
  readonly removeBite: (generation: number) => number | null
  readonly build: (step: BuildStep) => number
  readonly claim: (topic: string) => string
}

const BITE_ROWS = 500

export const storeWrites = (db: DatabaseSync): StoreWrites => {
  const compare = comparer(db)
  const building = builds(db)
  const putCheckpoint = db.prepare('INSERT OR REPLACE INTO store_checkpoints VALUES (?, ?, ?, ?)')
  const putRecord = db.prepare(
    `INSERT INTO store_students (generation, partition, identifier, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (generation, partition, identifier) DO UPDATE SET record = excluded.record`,
  )
  const addCustom = db.prepare(
    'INSERT OR IGNORE INTO store_custom (generation, partition, custom, identifier) VALUES (?, ?, ?, ?)',
  )
  const removeCustom = db.prepare(
    'DELETE FROM store_custom WHERE generation = ? AND partition = ? AND custom = ? AND identifier = ?',
  )
  const addSuspect = db.prepare('INSERT OR IGNORE INTO store_suspects VALUES (?, ?, ?)')
  const removeSuspect = db.prepare(
    'DELETE FROM store_suspects WHERE generation = ? AND partition = ? AND identifier = ?',
  )
  const putHeartbeat = db.prepare(
    `INSERT INTO store_heartbeats VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET time_ms = max(time_ms, excluded.time_ms)`,
  )
  const addMisrouting = db.prepare('INSERT OR IGNORE INTO store_misrouting VALUES (?, ?, ?)')
  // The number counts as assigned: a builder may bring a number from before the store was emptied.
  const activate = db.prepare(
    `UPDATE store SET active = ?2, last_generation = max(last_generation, ?2)
     WHERE active IS ?1 AND NOT EXISTS (SELECT 1 FROM store_retired WHERE generation = ?2)`,
  )
  const nextGeneration = db.prepare('UPDATE store SET last_generation = last_generation + 1 RETURNING last_generation')
  const claim = db.prepare('UPDATE store SET topic = coalesce(topic, ?) RETURNING topic')
  const retire = db.prepare('INSERT OR IGNORE INTO store_retired VALUES (?)')
  const isActive = db.prepare('SELECT 1 FROM store WHERE active IS ?')
  const bites = BITES.map((sql) => db.prepare(sql))

  return {
    apply: (write) => {
      const { generation, partition, checkpoint } = write
      const result = compare(generation, partition, write.expected)
      if (result.kind !== 'applied') return result
      const each = (statement: StatementSync, rows: Iterable<readonly (string | number | Uint8Array)[]>): void => {
        for (const row of rows) statement.run(generation, partition, ...row)
      }
      each(putRecord, write.records)
      for (const [statement, entries] of [
        [addCustom, write.customAdded],
        [removeCustom, write.customRemoved],
      ] as const)
        each(
          statement,
          entries.map(({ custom, identifier }) => [custom, identifier]),
        )
      for (const [statement, names] of [
        [addSuspect, write.suspectAdded],
        [removeSuspect, write.suspectRemoved],
        [addMisrouting, write.misrouting],
      ] as const)
        each(
          statement,
          names.map((name) => [name]),
        )
      each(putHeartbeat, write.heartbeats)
      putCheckpoint.run(generation, partition, checkpoint.next, checkpoint.metadata)
      return result
    },
    activate: (from, to) => {
      if (activate.run(from, to).changes !== 1) return false
      building.activated(from, to)
      return true
    },
    build: building.step,
    newGeneration: () => (nextGeneration.get() as { last_generation: number }).last_generation,
    removeBite: (generation) => {
      if (isActive.get(generation) !== undefined) return null
      retire.run(generation)
      let removed = 0
      for (const bite of bites) {
        if (removed >= BITE_ROWS) break
        removed += Number(bite.run(generation).changes)
      }
      return removed
    },
    claim: (topic) => (claim.get(topic) as { topic: string }).topic,
  }
}

const bite = (table: string, key: string): string =>
  `DELETE FROM ${table} WHERE generation = ?1 AND (${key}) IN
     (SELECT ${key} FROM ${table} WHERE generation = ?1 LIMIT ${BITE_ROWS})`

const BITES = [
  // The records come first, so that the same statements find the rest of an interrupted removal.
  bite('store_students', 'row'),
  bite('store_custom', 'custom, partition, identifier'),
  bite('store_suspects', 'partition, identifier'),
  bite('store_heartbeats', 'partition, source'),
  bite('store_misrouting', 'partition, source'),
  bite('store_checkpoints', 'partition'),
]
