// @ts-check
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findJava } from './java.mjs'
import { archiveFor } from './kafka-archive.mjs'
import { copyFormatted, ensureFormatted } from './kafka-format.mjs'
import { classPath, kafkaJars } from './kafka-jars.mjs'
import { propertiesOf } from './kafka-properties.mjs'
import { freePorts } from './ports.mjs'
import { kafkaAnswers, until } from './ready.mjs'
import { supervise } from './supervise.mjs'

const START_TIMEOUT_MS = 60_000

/**
 * @typedef {object} Kafka
 * @property {string} home the files
 * @property {readonly string[]} command runs a broker, given its properties file
 *
 * @typedef {import('./supervise.mjs').Supervised & { readonly port: number }} Broker
 */

/**
 * Java and Kafka's files, found or fetched.
 *
 * @param {(line: string) => void} say
 * @returns {Promise<Kafka | { problem: string }>}
 */
export async function prepareKafka(say) {
  const found = await findJava(say)
  if ('problem' in found) return found
  const jars = await kafkaJars(say)
  if ('problem' in jars) return jars
  const { home } = jars
  const unformatted = await ensureFormatted(home, found.java)
  if (unformatted !== undefined) return unformatted
  const command = (/** @type {string} */ archiving) => [
    ...[found.java, '-XX:+UseSerialGC', '-Xmx512m', '-XX:TieredStopAtLevel=1', archiving],
    ...['-Xlog:disable', '-Xlog:all=error:stderr', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
    ...['-cp', classPath(home), 'kafka.Kafka'],
  ]
  const train = async (/** @type {string} */ archive) => {
    const broker = await startBroker({ home, command: command(`-XX:ArchiveClassesAtExit=${archive}`) })
    process.kill(broker.pid, 'SIGTERM')
    await broker.exited
  }
  const archive = await archiveFor({ home, java: found.version, train, say })
  return { home, command: command(archive === undefined ? '-Xshare:auto' : `-XX:SharedArchiveFile=${archive}`) }
}

/**
 * Starts a broker in a folder of its own, or in a given one, which is kept: started there again, it has its topics.
 *
 * @param {Kafka} kafka
 * @param {{ port?: number, folder?: string }} [options]
 * @returns {Promise<Broker>}
 */
export async function startBroker({ home, command }, options = {}) {
  for (let attempt = 1; ; attempt++) {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'pullgate-kafka-'))
    const [free = 0, controllerPort = 0] = await freePorts(2)
    const port = options.port ?? free
    const data = join(folder, 'data')
    if (!existsSync(data)) copyFormatted(home, data)
    const properties = join(folder, 'server.properties')
    writeFileSync(properties, propertiesOf({ port, controllerPort, folder: data }))
    const write = openSync(join(folder, 'kafka.log'), 'a')
    const read = openSync(join(folder, 'kafka.log'), 'r') // stays readable when the folder is gone
    try {
      const dir = options.folder === undefined ? folder : ''
      const broker = await supervise([...command, properties], { dir, output: write })
      const ready = () => kafkaAnswers('127.0.0.1', port)
      if (await until(ready, { timeoutMs: START_TIMEOUT_MS, gone: broker.exited })) return { ...broker, port }
      await broker.stop()
      const said = readFileSync(read, 'utf8')
      if (attempt === 3 || !said.includes('BindException'))
        throw new Error(`Kafka did not start:\n${said.slice(-3000)}`)
    } finally {
      closeSync(write)
      closeSync(read)
    }
  }
}
