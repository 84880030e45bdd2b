// @ts-check
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'

/**
 * The Java class-data archive of a broker that has started once: with it a start takes 1.7 s instead of 3.1 s on 2 cores.
 * It fits one build of Java and one place of the jars; Java itself ignores one that does not fit. Making it is worth
 * no failure: without one the broker starts as well, slower.
 *
 * @param {object} options
 * @param {string} options.home Kafka's files
 * @param {string} options.java the build
 * @param {(archive: string) => Promise<void>} options.train starts a broker that writes the archive and ends
 * @param {(line: string) => void} options.say
 * @returns {Promise<string | undefined>} its file
 */
export async function archiveFor({ home, java, train, say }) {
  const file = join(home, `classes-${java.replace(/[^\w.+-]/g, '_')}.jsa`)
  if (existsSync(file)) return file
  const work = `${file}.${process.pid}`
  try {
    await withLock(`${home}.lock`, async () => {
      if (existsSync(file)) return
      say('preparing quick starts of Kafka (once)')
      await train(work)
      renameSync(work, file)
    })
    return file
  } catch {
    return undefined
  } finally {
    rmSync(work, { force: true })
  }
}
