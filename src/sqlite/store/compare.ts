import type { DatabaseSync } from 'node:sqlite'
import type { WriteResult } from '../../../consumers/ports/store.ts'

/** The result that a write on the checkpoint `expected` would get; `applied` means that the write is allowed. */
export type Compare = (generation: number, partition: number, expected: number | null) => WriteResult

export const comparer = (db: DatabaseSync): Compare => {
  const standing = db.prepare(
    `SELECT (SELECT next FROM store_checkpoints WHERE generation = ?1 AND partition = ?2) AS next,
            EXISTS (SELECT 1 FROM store_retired WHERE generation = ?1) AS retired`,
  )
  return (generation, partition, expected) => {
    const { next, retired } = standing.get(generation, partition) as { next: number | null; retired: 0 | 1 }
    if (retired === 1) return { kind: 'retired' }
    if (next === null) return expected === null ? { kind: 'applied' } : { kind: 'absent' }
    if (expected === null || next > expected) return { kind: 'ahead', at: next }
    return next < expected ? { kind: 'behind', at: next } : { kind: 'applied' }
  }
}
