/**
 * The thread that writes to the file, so that no pull waits for a disk. It takes all queued requests and commits them
 * in two transactions.
 * The first is synced and holds the requests that must be durable before their reply. The second is not synced and
 * holds the projector's writes, which can be rebuilt from the log.
 * Both are in one write-ahead log, so a power cut loses only the end of it. The projection never holds an event that
 * the log has lost.
 */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openFile } from './file.ts'
import type { Job, JobTypes, Reply, Request } from './jobs.ts'
import { logWrites } from './log/writes.ts'
import { recentAnswersWrites } from './store/recent-answers.ts'
import { storeWrites } from './store/writes.ts'

const port = parentPort!
const db = openFile((workerData as { path: string }).path)
const log = logWrites(db)
const store = storeWrites(db)
const recentAnswers = recentAnswersWrites(db)
/** Requests for each turn; the rest waits for the next turn. */
const REQUESTS_AT_MOST = 512
/**
 * Pages in the write-ahead log before a checkpoint, about 4 MiB. The checkpoint runs after the replies, not in a
 * commit.
 */
const CHECKPOINT_PAGES = 1000
db.exec('PRAGMA wal_autocheckpoint = 0')
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
const changes = db.prepare('SELECT total_changes() AS rows')
let rowsAtCheckpoint = 0

/** Data that the log can rebuild, and data that is only a convenience. */
const UNSYNCED: ReadonlySet<Job['name']> = new Set(['apply', 'removeBite', 'recentAnswers'])

const perform = ({ name, input }: Job): JobTypes[Job['name']][1] => {
  switch (name) {
    case 'append':
      return log.append(input, Date.now())
    case 'ensureTopics':
      return log.ensureTopics(input)
    case 'apply':
      return store.apply(input)
    case 'activate':
      return store.activate(input.from, input.to)
    case 'newGeneration':
      return store.newGeneration()
    case 'removeBite':
      return store.removeBite(input)
    case 'build':
      return store.build(input)
    case 'claim':
      return store.claim(input)
    case 'recentAnswers':
      return recentAnswers(input)
  }
}

const transaction = (requests: readonly Request[], synchronous: 'FULL' | 'NORMAL'): readonly Reply[] => {
  try {
    db.exec(`PRAGMA synchronous = ${synchronous}; BEGIN IMMEDIATE`)
    const replies = requests.map(({ id, job }): Reply => ({ id, kind: 'done', answer: perform(job) }))
    db.exec('COMMIT')
    return replies
  } catch (error) {
    const began = db.isTransaction
    if (began) db.exec('ROLLBACK')
    // A request that fails must not fail the others.
    if (began && requests.length > 1) return requests.flatMap((request) => transaction([request], synchronous))
    return requests.map(({ id }) => ({ id, kind: 'failed', why: error instanceof Error ? error.message : 'unknown' }))
  }
}

const answer = (requests: readonly Request[], synchronous: 'FULL' | 'NORMAL'): void => {
  if (requests.length > 0) port.postMessage(transaction(requests, synchronous))
}

const tidy = (): void => {
  const { rows } = changes.get() as { rows: number }
  if (rows - rowsAtCheckpoint < CHECKPOINT_PAGES) return
  rowsAtCheckpoint = rows
  checkpoint.get()
}

port.on('message', (first: Request | 'close') => {
  const requests: Request[] = []
  let closing = false
  for (let message: Request | 'close' | undefined = first; message !== undefined; ) {
    if (message === 'close') closing = true
    else requests.push(message)
    if (requests.length >= REQUESTS_AT_MOST) break
    message = receiveMessageOnPort(port)?.message
  }
  const { applied = [], durable = [] } = Object.groupBy(requests, ({ job }) =>
    UNSYNCED.has(job.name) ? 'applied' : 'durable',
  )
  answer(durable, 'FULL')
  answer(applied, 'NORMAL')
  tidy()
  if (!closing) return
  db.close()
  port.close()
})
