// @ts-check
import { join } from 'node:path'
import * as apt from './apt.mjs'
import { findOnPath, isExecutable, run } from './exec.mjs'

const OLDEST = 17

/**
 * A Java that runs Kafka: JAVA_HOME's, the PATH's, or one installed now.
 *
 * @param {(line: string) => void} say
 * @returns {Promise<{ java: string, version: string } | { problem: string }>} version: of the very build
 */
export async function findJava(say) {
  const present = await presentJava()
  if (present !== undefined) return present
  const missing = `Kafka needs Java ${OLDEST} or newer`
  if (!apt.canInstall()) return { problem: `${missing}, and there is none` }
  say(`${missing}: installing openjdk-17-jre-headless`)
  const { ok, output } = await apt.install(['openjdk-17-jre-headless'])
  return (
    (ok && (await presentJava())) || { problem: `${missing}, and apt-get could not install it: ${lastLine(output)}` }
  )
}

async function presentJava() {
  const home = process.env['JAVA_HOME']
  const candidates = [
    home && join(home, 'bin', 'java'),
    findOnPath('java'),
    '/usr/lib/jvm/java-17-openjdk-amd64/bin/java',
  ]
  for (const java of candidates) {
    if (!java || !isExecutable(java)) continue
    const { code, output } = await run(java, ['-version'], { timeoutMs: 20_000 })
    const [, major] = /version "(\d+)/.exec(output) ?? []
    const [, build] = /\(build ([^)]+)\)/.exec(output) ?? []
    if (code === 0 && Number(major) >= OLDEST) return { java, version: build ?? String(major) }
  }
  return undefined
}

/** @param {string} output */
export const lastLine = (output) => output.trim().split('\n').at(-1) ?? ''
