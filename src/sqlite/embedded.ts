import type { Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { storeUnavailable } from '../store-unavailable.ts'
import { openForReading } from './file.ts'
import type { JobName, JobTypes } from './jobs.ts'
import { type LogLogger, type LogWriter, sqliteLog } from './log/sqlite-log.ts'
import { sqliteStore } from './store/sqlite-store.ts'
import { nothingUnsaved, type Unsaved } from './store/unsaved.ts'
import { openWriter, type Writer } from './writer.ts'

/** Log and projection in one SQLite file. */
export type Embedded = { readonly log: Log; readonly store: ProjectionStore; readonly close: () => Promise<void> }

const APPEND_DEADLINE_MS = 5000
const STORE_DEADLINE_MS = 3000

export type EmbeddedOptions = { readonly unsaved?: Unsaved; readonly logger?: LogLogger }

/** Opens an existing file. */
export const openEmbedded = (
  path: string,
  partitions: number,
  { unsaved = nothingUnsaved(), logger = { warn: () => {} } }: EmbeddedOptions = {},
): Embedded => {
  const db = openForReading(path)
  const writer = openWriter(
    path,
    rateLimited((why) => logger.warn({ why }, 'the file cannot be written')),
  )
  const logWriter: LogWriter = {
    append: (records) => logged(writer.run('append', records, APPEND_DEADLINE_MS)),
    ensureTopics: (specs) => logged(writer.run('ensureTopics', specs, APPEND_DEADLINE_MS)),
  }
  const log = sqliteLog(db, logWriter, logger)
  const store = sqliteStore(db, storeWriter(writer), partitions, unsaved)
  return {
    log,
    store,
    close: async () => {
      await log.close()
      await writer.close()
      db.close()
    },
  }
}

const storeWriter = (writer: Writer) => {
  const stored = <N extends JobName>(name: N, input: JobTypes[N][0]): Promise<JobTypes[N][1]> =>
    writer.run(name, input, STORE_DEADLINE_MS).catch((error: Error) => {
      throw storeUnavailable(error.message)
    })
  return {
    apply: (write: JobTypes['apply'][0]) => stored('apply', write),
    activate: (from: number | null, to: number) => stored('activate', { from, to }),
    newGeneration: () => stored('newGeneration', null),
    removeBite: (generation: number) => stored('removeBite', generation),
    build: (step: JobTypes['build'][0]) => stored('build', step),
    claim: (topic: string) => stored('claim', topic),
    recentAnswers: (step: JobTypes['recentAnswers'][0]) => stored('recentAnswers', step),
  }
}

const logged = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (error) {
    throw new LogError('unavailable', error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** Reports the same reason again only after an interval: a full disk fails every write. */
const rateLimited = (report: (why: string) => void): ((why: string) => void) => {
  const saidMs = new Map<string, number>()
  return (why) => {
    const nowMs = performance.now()
    if (nowMs - (saidMs.get(why) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    saidMs.set(why, nowMs)
    report(why)
  }
}

const AGAIN_MS = 10_000
