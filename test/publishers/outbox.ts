import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** As after a crash between Kafka's acknowledgement and its being noted: the last events wait again. */
export const forgetRows = async (folder: string, count: number): Promise<void> => {
  const database = new DatabaseSync(join(folder, 'erp.db'))
  database
    .prepare(
      'UPDATE outbox SET published_at = NULL WHERE position IN (SELECT position FROM outbox ORDER BY position DESC LIMIT ?)',
    )
    .run(count)
  database.close()
}
