import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { TopicSpec } from '../../consumers/ports/log.ts'
import { specsOf } from '../answers/topic-specs.ts'
import type { Config } from '../config/load.ts'
import { openEmbedded } from '../sqlite/embedded.ts'
import { EmbeddedFileError, fileFailure, inTransaction, openFile } from '../sqlite/file.ts'
import { isLocked, lockFile, makeLockFile } from '../sqlite/lock.ts'
import type { LogLogger } from '../sqlite/log/sqlite-log.ts'
import { logWrites } from '../sqlite/log/writes.ts'

/**
 * `serve`: this process serves the file. The others are commands, with or without a serving process: `publish` and
 * `topics` may create the file, and `beside` is every other command. Only `topics` creates the topics explicitly.
 */
export type EmbeddedUse = 'serve' | 'publish' | 'topics' | 'beside'

/** Log and store on the file that the configuration names. Throws an `EmbeddedFileError` where that cannot be used. */
export const embeddedEngine = (config: Config, use: EmbeddedUse, logger: LogLogger): Engine => {
  const { topic } = config
  const named = config.embedded.path
  if (use !== 'beside') makeFile(resolve(named), use === 'topics' ? [] : specsOf(config))
  const path = use === 'beside' ? resolve(named) : realpathSync(resolve(named))
  const onLost = (): never => {
    logger.warn({ file: named }, 'another process of Pullgate runs on the file: this one ends')
    process.exit(1)
  }
  const lock = use === 'serve' ? lockFile(path, onLost) : null
  if (use === 'serve' && lock === null)
    throw new EmbeddedFileError(`another process of Pullgate runs on ${named}: one file serves one process`)
  const { log, store, close } = openEmbedded(path, topic.partitions, { logger })
  return {
    log,
    recording: log,
    store,
    names: { log: `the file ${named}`, store: `the file ${named}` },
    endsPaceMs: 0,
    file: { isServed: () => isLocked(path) },
    probe: () => null,
    ready: async () => {},
    close: async () => {
      await close()
      lock?.release()
    },
  }
}

/** A topic that is there with other settings is left as it is; the projector says what is wrong with it. */
const makeFile = (path: string, topics: readonly TopicSpec[]): void => {
  const isNew = !existsSync(path)
  const db = openFile(path)
  if (isNew) makeLockFile(realpathSync(path))
  try {
    inTransaction(db, () => logWrites(db).ensureTopics(topics))
  } catch (error) {
    throw fileFailure(path, error)
  } finally {
    db.close()
  }
}
