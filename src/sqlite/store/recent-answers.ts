import type { DatabaseSync } from 'node:sqlite'
import { type RecentAnswer, type RecorderState, withLine } from '../../../consumers/ports/recent-answers.ts'
import type { StudentId } from '../../../projections/values/ids.ts'

/** Writes to the tables of recent answers; the caller opens the write transaction. */
export type RecentAnswersStep =
  | {
      readonly kind: 'add'
      readonly partition: number
      readonly answers: readonly RecentAnswer[]
      readonly ttlMs: number
      readonly nowMs: number
    }
  | {
      readonly kind: 'heartbeat'
      readonly recorder: string
      readonly numbered: number
      readonly ttlMs: number
      readonly nowMs: number
    }
  | { readonly kind: 'ended'; readonly recorder: string }

/** Expired rows deleted with each addition: more than one addition adds on average. */
const EXPIRED_AT_ONCE = 1000

export const recentAnswersWrites = (db: DatabaseSync): ((step: RecentAnswersStep) => number) => {
  const known = db.prepare('SELECT lines FROM store_answers WHERE partition = ? AND identifier = ? AND until_ms > ?')
  const put = db.prepare(
    'INSERT OR REPLACE INTO store_answers (partition, identifier, lines, until_ms) VALUES (?, ?, ?, ?)',
  )
  const expire = db.prepare(
    `DELETE FROM store_answers WHERE (partition, identifier) IN
       (SELECT partition, identifier FROM store_answers WHERE until_ms <= ? ORDER BY until_ms LIMIT ${EXPIRED_AT_ONCE})`,
  )
  const beat = db.prepare('INSERT OR REPLACE INTO store_recorders (recorder, numbered, seen_ms) VALUES (?, ?, ?)')
  const forget = db.prepare('DELETE FROM store_recorders WHERE seen_ms < ?')
  const end = db.prepare('DELETE FROM store_recorders WHERE recorder = ?')

  return (step) => {
    switch (step.kind) {
      case 'add': {
        const { partition, nowMs } = step
        expire.run(nowMs)
        for (const { id, line } of step.answers) {
          const row = known.get(partition, id, nowMs) as { lines: string } | undefined
          put.run(partition, id, withLine(row?.lines ?? null, line, nowMs), nowMs + step.ttlMs)
        }
        return step.answers.length
      }
      case 'heartbeat':
        forget.run(step.nowMs - step.ttlMs)
        return Number(beat.run(step.recorder, step.numbered, step.nowMs).changes)
      case 'ended':
        return Number(end.run(step.recorder).changes)
    }
  }
}

/**
 * A file of an earlier version lacks these tables until a process serves it. They are read only where they are needed.
 */
export const recentAnswersReads = (db: DatabaseSync) => {
  const has = (table: string): boolean =>
    db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined
  let lines: ReturnType<DatabaseSync['prepare']> | null = null
  return {
    lines: (partition: number, id: StudentId): string | null => {
      lines ??= db.prepare('SELECT lines FROM store_answers WHERE partition = ? AND identifier = ? AND until_ms > ?')
      return (lines.get(partition, id, Date.now()) as { lines: string } | undefined)?.lines ?? null
    },
    recorders: (): readonly RecorderState[] => {
      if (!has('store_recorders')) return []
      const rows = db.prepare('SELECT recorder, numbered, seen_ms FROM store_recorders').all()
      return (rows as { recorder: string; numbered: number; seen_ms: number }[]).map(
        ({ recorder, numbered, seen_ms: seenAtMs }) => ({ recorder, numbered, seenAtMs }),
      )
    },
  }
}
