import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const open = (folder: string): DatabaseSync => new DatabaseSync(join(folder, 'erp.db'), { timeout: 10_000 })

/** As after a crash between Kafka's acknowledgement and its being noted: the last events wait again. */
export const forgetRows = async (folder: string, count: number): Promise<void> => {
  const database = open(folder)
  database
    .prepare(
      'UPDATE outbox SET published_at = NULL WHERE position IN (SELECT position FROM outbox ORDER BY position DESC LIMIT ?)',
    )
    .run(count)
  database.close()
}

/** Puts events into the outbox as the ERP's transactions would, numbered on from the student's last. */
export const fillOutbox = (folder: string, identifier: string, events: readonly object[]): void => {
  const database = open(folder)
  const { last } = database.prepare('SELECT last FROM student_sequence WHERE identifier = ?').get(identifier) as {
    readonly last: number
  }
  const insert = database.prepare('INSERT INTO outbox (identifier, sequence, event) VALUES (?, ?, ?)')
  database.exec('BEGIN IMMEDIATE')
  events.forEach((event, index) => {
    const sequence = last + index + 1
    insert.run(identifier, sequence, JSON.stringify({ ...event, sequence: String(sequence) }))
  })
  database.prepare('UPDATE student_sequence SET last = ? WHERE identifier = ?').run(last + events.length, identifier)
  database.exec('COMMIT')
  database.close()
}

export const waitingRows = (folder: string): number => {
  const database = open(folder)
  const row = database.prepare('SELECT count(*) AS waiting FROM outbox WHERE published_at IS NULL').get()
  database.close()
  return (row as { readonly waiting: number }).waiting
}
