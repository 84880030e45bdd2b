import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { hashSecret } from '../src/config/secret.ts'
import { authorization, embeddedProgram } from '../test/support/embedded-program.ts'
import { publisher } from '../test/support/school.ts'
import { until } from '../test/support/until.ts'
import { quantile } from './load.ts'
import { openLoad, type Shot } from './open-load.ts'

/**
 * One client on 100 connections sends whatever it likes (bench/hostile-flood.ts), and another's projection hits are
 * measured: undisturbed and under each flood in turns, their 5xx, and the program's memory after it has left. Embedded
 * operation: gateway and projector share one event loop, which is the worst case.
 *
 *     node bench/hostile-client.ts [seconds a flood, default 6] [kind]      Markdown on stdout
 */

const SECONDS = Number(process.argv[2] ?? 6)
const KINDS = [
  'valid pulls',
  'pipelined pulls',
  'pulls without credentials',
  'wrong passwords',
  'events of 1 MiB',
  'forged signatures of 1 MiB',
  'forged signatures',
  'bodies that stall',
  'headers that stall',
].filter((kind) => process.argv[3] === undefined || kind === process.argv[3])
const PER_SECOND = 50

const secret = randomBytes(12).toString('base64url')
const hash = await hashSecret(secret)
const embedded = await embeddedProgram(
  `  - { username: hostile, secrets: ["${hash}"], branches: all, publish: [/erp/hostile] }\n`,
)
const HOSTILE_AUTH = `Basic ${Buffer.from(`hostile:${secret}`).toString('base64')}`
const partner = Buffer.from(authorization('partner').slice('Basic '.length), 'base64').toString()

const p99 = (shots: readonly Shot[]): number =>
  quantile(
    shots.map(({ ms }) => ms).sort((a, b) => a - b),
    0.99,
  )

try {
  const school = publisher('ignored', 4)
  const { url, pid } = await embedded.program.start('all')
  const ids = Array.from({ length: 100 }, (_, index) => `S-${index}`)
  const records = ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 100)])
  await until('the students', async () => (await embedded.post(url, records).catch(() => null))?.status === 200)
  await until('the last answer', async () => (await embedded.pull(url, { identifier: ids.at(-1)! })).status === 200)
  const mebibytes = (): number =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
  const hits = (seconds: number): Promise<readonly Shot[]> =>
    openLoad(PER_SECOND, seconds * 1000, (turn) => `${url}/fetch-student?identifier=${ids[turn % 100]}`, partner)
  await hits(3)

  process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s a flood

| flood | p99 undisturbed, ms | p99 under it, ms | times | 5xx of ${SECONDS * PER_SECOND} | its answers | MiB before | MiB after |
|---|---|---|---|---|---|---|---|
`)
  for (const kind of KINDS) {
    const alone = await hits(SECONDS)
    const before = mebibytes()
    const flood = spawn(
      process.execPath,
      [fileURLToPath(new URL('hostile-flood.ts', import.meta.url)), kind, new URL(url).port, `${SECONDS + 1}`],
      { env: { ...process.env, HOSTILE_AUTH }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    flood.stdout.on('data', (chunk) => (said += chunk))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const [shots] = await Promise.all([hits(SECONDS), once(flood, 'exit')])
    const failed = shots.filter(({ status }) => status >= 500 || status === 0).length
    await hits(2)
    const [calm, busy] = [p99(alone), p99(shots)]
    process.stdout.write(
      `| ${kind} | ${calm.toFixed(1)} | ${busy.toFixed(1)} | ${(busy / calm).toFixed(1)} | ${failed} | ${said.trim()} | ${before} | ${mebibytes()} |\n`,
    )
  }
} finally {
  await embedded.close()
}
