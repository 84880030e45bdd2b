import type { DatabaseSync } from 'node:sqlite'
import type { Checkpoint, StudentPage } from '../../../consumers/ports/store.ts'
import type { StudentId } from '../../../projections/values/ids.ts'

/** A checkpoint of the active generation, with the generation's number at the same moment. */
export type ReadCheckpoint = { readonly generation: number | null; readonly checkpoint: Checkpoint | null }

/** Queries on the projection's tables; every call is one statement, which reads at one moment. */
export type StoreReads = {
  readonly active: () => number | null
  readonly checkpoint: (generation: number, partition: number) => Checkpoint | null
  readonly record: (generation: number, partition: number, id: StudentId) => Uint8Array | null
  readonly student: (partition: number, id: StudentId) => ReadCheckpoint & { readonly record: Uint8Array | null }
  /** The active generation's checkpoints, without partitions that have no checkpoint. */
  readonly checkpoints: () => { readonly generation: number | null; readonly of: ReadonlyMap<number, Checkpoint> }
  readonly byCustom: (generation: number, custom: string) => readonly StudentId[]
  readonly heartbeats: () => ReadonlyMap<string, number>
  readonly misrouting: () => ReadonlySet<string>
  readonly suspects: (partition: number) => readonly StudentId[]
  readonly suspectCount: (generation: number, partition: number) => number
  readonly page: (generation: number, cursor: string | null) => StudentPage
}

const PAGE_ROWS = 1000
const ACTIVE = '(SELECT active FROM store)'

type CheckpointRow = { readonly next: number | null; readonly tail: string | null }
const checkpointOf = ({ next, tail }: CheckpointRow): Checkpoint | null =>
  next === null || tail === null ? null : { next, metadata: tail }

export const storeReads = (db: DatabaseSync): StoreReads => {
  const active = db.prepare('SELECT active FROM store')
  const checkpoint = db.prepare('SELECT next, tail FROM store_checkpoints WHERE generation = ? AND partition = ?')
  const record = db.prepare(
    'SELECT record FROM store_students WHERE generation = ? AND partition = ? AND identifier = ?',
  )
  const student = db.prepare(
    `SELECT active AS generation, next, tail, record FROM store
     LEFT JOIN store_checkpoints c ON c.generation = active AND c.partition = ?1
     LEFT JOIN store_students s ON s.generation = active AND s.partition = ?1 AND s.identifier = ?2`,
  )
  const checkpoints = db.prepare(
    `SELECT active AS generation, partition, next, tail FROM store
     LEFT JOIN store_checkpoints c ON c.generation = active`,
  )
  const custom = db.prepare('SELECT identifier FROM store_custom WHERE generation = ? AND custom = ?')
  const heartbeats = db.prepare(
    `SELECT source, max(time_ms) AS time_ms FROM store_heartbeats WHERE generation = ${ACTIVE} GROUP BY source`,
  )
  const misrouting = db.prepare(`SELECT DISTINCT source FROM store_misrouting WHERE generation = ${ACTIVE}`)
  const suspects = db.prepare(`SELECT identifier FROM store_suspects WHERE generation = ${ACTIVE} AND partition = ?`)
  const suspectCount = db.prepare('SELECT count(*) AS count FROM store_suspects WHERE generation = ? AND partition = ?')
  const page = db.prepare(
    `SELECT row, partition, identifier FROM store_students WHERE generation = ? AND row > ?
     ORDER BY row LIMIT ${PAGE_ROWS}`,
  )

  return {
    active: () => (active.get() as { active: number | null }).active,
    checkpoint: (generation, partition) => {
      const row = checkpoint.get(generation, partition) as CheckpointRow | undefined
      return row === undefined ? null : checkpointOf(row)
    },
    record: (generation, partition, id) =>
      (record.get(generation, partition, id) as { record: Uint8Array } | undefined)?.record ?? null,
    student: (partition, id) => {
      const row = student.get(partition, id) as CheckpointRow & {
        generation: number | null
        record: Uint8Array | null
      }
      return { generation: row.generation, checkpoint: checkpointOf(row), record: row.record }
    },
    checkpoints: () => {
      const rows = checkpoints.all() as ({ generation: number | null; partition: number | null } & CheckpointRow)[]
      const of = new Map<number, Checkpoint>()
      for (const row of rows) {
        const found = checkpointOf(row)
        if (found !== null && row.partition !== null) of.set(row.partition, found)
      }
      return { generation: rows[0]!.generation, of }
    },
    byCustom: (generation, text) =>
      (custom.all(generation, text) as { identifier: StudentId }[]).map(({ identifier }) => identifier),
    heartbeats: () =>
      new Map((heartbeats.all() as { source: string; time_ms: number }[]).map((row) => [row.source, row.time_ms])),
    misrouting: () => new Set((misrouting.all() as { source: string }[]).map(({ source }) => source)),
    suspects: (partition) =>
      (suspects.all(partition) as { identifier: StudentId }[]).map(({ identifier }) => identifier),
    suspectCount: (generation, partition) => (suspectCount.get(generation, partition) as { count: number }).count,
    page: (generation, cursor) => {
      type Row = { row: number; partition: number; identifier: StudentId }
      const rows = page.all(generation, Number(cursor ?? 0)) as Row[]
      const students = rows.map(({ partition, identifier }) => ({ partition, identifier }))
      return { students, next: rows.length < PAGE_ROWS ? null : String(rows.at(-1)!.row) }
    },
  }
}
