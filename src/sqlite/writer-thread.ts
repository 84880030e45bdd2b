/**
 * The thread that writes to the file, so that no pull waits for a disk. It takes all requests that lie there and commits
 * them together: first those that must be on the disk before they are answered, in one synced transaction; then what the
 * projector applied, in one that is not synced, since the log can make it again. Both are in one write-ahead log, so a
 * power cut loses an end of it: never an event that the projection has.
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
/** Room for what one turn takes; the rest waits for the next. */
const REQUESTS_AT_MOST = 512
/** Pages in the write-ahead log before they go into the file, about 4 MiB; done after the replies, not in a commit. */
const CHECKPOINT_PAGES = 1000
db.exec('PRAGMA wal_autocheckpoint = 0')
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
const changes = db.prepare('SELECT total_changes() AS rows')
let rowsAtCheckpoint = 0

/** What the log can make again, and what is a convenience. */
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
    // One that cannot be done must not take the others with it.
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
