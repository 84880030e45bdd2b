// @ts-check
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as apt from './apt.mjs'
import { cacheFolder } from './cache.mjs'
import { findOnPath, run } from './exec.mjs'
import { lastLine } from './java.mjs'
import { withLock } from './lock.mjs'

export const KAFKA_VERSION = '4.4.0'

/** kafka-tools-api is left out: it was never published for this version, and the broker does not need it. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>pullgate</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
      <exclusions>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/**
 * Kafka's jars, in the cache: downloaded once, whole or not at all.
 *
 * @param {(line: string) => void} say
 * @returns {Promise<{ home: string } | { problem: string }>} home: their folder
 */
export async function kafkaJars(say) {
  const home = join(cacheFolder(), `kafka-${KAFKA_VERSION}`)
  if (existsSync(home)) return { home }
  const onWait = () => say('another process is downloading Kafka: waiting for it')
  return withLock(`${home}.lock`, async () => (existsSync(home) ? { home } : download(home, say)), onWait)
}

/** @param {string} home */
export const classPath = (home) =>
  readdirSync(home)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((jar) => join(home, jar))
    .join(':')

/**
 * @param {string} home
 * @param {(line: string) => void} say
 * @returns {Promise<{ home: string } | { problem: string }>}
 */
async function download(home, say) {
  const maven = await findMaven(say)
  if ('problem' in maven) return maven
  say(`downloading Apache Kafka ${KAFKA_VERSION} (42 MB, once)`)
  const work = mkdtempSync(`${home}.`)
  try {
    const pom = join(work, 'pom.xml')
    const jars = join(work, 'jars')
    writeFileSync(pom, POM)
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    const { code, output } = await run(maven.mvn, ['-q', '-B', '-f', pom, ...goal])
    if (code !== 0) return { problem: `Kafka could not be downloaded: ${firstError(output)}` }
    renameSync(jars, home)
    return { home }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** @param {(line: string) => void} say @returns {Promise<{ mvn: string } | { problem: string }>} */
async function findMaven(say) {
  const present = findOnPath('mvn')
  if (present !== undefined) return { mvn: present }
  if (!apt.canInstall()) return { problem: 'Kafka is downloaded with Maven, and there is no mvn' }
  say('installing maven, to download Kafka with')
  const { ok, output } = await apt.install(['maven'])
  const mvn = findOnPath('mvn')
  return ok && mvn ? { mvn } : { problem: `apt-get could not install maven: ${lastLine(output)}` }
}

/** @param {string} output */
const firstError = (output) => output.split('\n').find((line) => line.includes('ERROR')) ?? lastLine(output)
