import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Log } from '../consumers/log.ts'
import { partitionOf } from '../consumers/partition.ts'
import { hashSecret } from '../src/http/secret.ts'
import { openProgram } from '../test/support/program.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'
import { quantile, type Slice, slice } from './load.ts'

/**
 * The read path and freshness, each against its floor in one interleaved run: slices of the contenders take turns, so
 * that a machine whose speed drifts slows them alike. What counts are the ratios. Markdown on stdout.
 */

const PARTITIONS = 16
const STUDENTS = 2_000
const ROUNDS = Number(process.argv.includes('--quick') ? 4 : 10)
const SLICE_MS = 2_000
const CONNECTIONS = 16
const PULLS_AFTER_ACK = 300

const main = async (): Promise<void> => {
  const redisUrl = process.env['REDIS_URL']
  if (!redisUrl) throw new Error('REDIS_URL is not set: run "npm run bench", which starts the servers')
  const log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const secret = randomBytes(12).toString('base64url')
  const config = JSON.stringify({
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
    clients: [{ username: 'bench', secrets: [await hashSecret(secret)], branches: 'all' }],
  })
  const program = await openProgram({ brokers: sharedBrokers(), redisUrl, config })
  try {
    const school = publisher(topic, PARTITIONS)
    const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
    await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
    await program.start('projector')
    const gateway = await program.start('gateway')
    const auth = `bench:${secret}`
    const urlOf = (turn: number): string => `${gateway.url}/fetch-student?identifier=${ids[(turn * 7919) % STUDENTS]}`
    const headers = { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
    let body = ''
    await until(
      'the projection to answer',
      async () => {
        const response = await fetch(urlOf(1), { headers }).catch(() => null)
        body = (await response?.text()) ?? ''
        return response?.status === 200
      },
      60_000,
    )

    process.stdout.write(
      `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, strict mode, ${CONNECTIONS} connections\n\n`,
    )
    await readPath(gateway.pid, urlOf, auth, body)
    await freshness(log, topic, school, gateway.url, headers)
  } finally {
    await program.close()
    await log.close()
  }
}

const readPath = async (pid: number, urlOf: (turn: number) => string, auth: string, body: string): Promise<void> => {
  const script = fileURLToPath(new URL('bare-server.ts', import.meta.url))
  const bare = spawn(process.execPath, [script, Buffer.from(body).toString('base64')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(bare.stdout!, 'data')) as [Buffer]
  const bareUrl = `http://127.0.0.1:${String(port).trim()}/`
  const slices: { bare: Slice; pull: Slice }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const floor = await slice(bare.pid!, () => bareUrl, auth, CONNECTIONS, SLICE_MS)
    const pull = await slice(pid, urlOf, auth, CONNECTIONS, SLICE_MS)
    // The first round warms both up.
    if (round > 0) slices.push({ bare: floor, pull })
  }
  bare.kill()
  const row = (name: string, of: (pair: { bare: Slice; pull: Slice }) => Slice): string => {
    const own = slices.map(of)
    const each = own.map(({ cpuMicros, requests }) => cpuMicros / requests)
    const ms = own.flatMap((one) => one.ms)
    const cells = [quantile(each, 0.5).toFixed(0), quantile(ms, 0.5).toFixed(2), quantile(ms, 0.99).toFixed(2)]
    return `| ${name} | ${cells.join(' | ')} |\n`
  }
  const ratios = slices.map(({ bare, pull }) => bare.cpuMicros / bare.requests / (pull.cpuMicros / pull.requests))
  process.stdout.write('| read path | CPU µs a request | p50 ms | p99 ms |\n|---|---|---|---|\n')
  process.stdout.write(row('bare node:http, same bytes', (pair) => pair.bare))
  process.stdout.write(row('pull, projection hit', (pair) => pair.pull))
  process.stdout.write(
    `\nCPU ratio (bare / pull): median ${quantile(ratios, 0.5).toFixed(2)}, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}\n\n`,
  )
}

/** Kafka's acknowledgement → the answer to a pull that must contain the event; the floor is an empty handler's hearing of it. */
const freshness = async (
  log: Log,
  topic: string,
  school: ReturnType<typeof publisher>,
  url: string,
  headers: Record<string, string>,
): Promise<void> => {
  const heard = new Map<string, number>()
  const consumer = await log.consume(topic, `floor.${topic}`, {
    assigned: async (partition) => (await log.endOffsets(topic, [partition])).get(partition)!,
    revoked: () => {},
    batch: async ({ partition, records }) => {
      for (const { offset } of records) heard.set(`${partition}:${offset}`, performance.now())
      return { kind: 'next' }
    },
  })
  const probe = async (): Promise<boolean> => {
    await log.append([school.feeChanged('S-1', 1)])
    await new Promise((resolve) => setTimeout(resolve, 100))
    return heard.size > 0
  }
  await until('the floor to hear events', probe, 30_000)
  const floors: number[] = []
  const pulls: number[] = []
  let missing = 0
  for (let turn = 0; turn < PULLS_AFTER_ACK; turn += 1) {
    const id = `S-${turn % STUDENTS}`
    const [position] = await log.append([school.feeChanged(id, turn)])
    const acknowledged = performance.now()
    const response = await fetch(`${url}/fetch-student?identifier=${id}`, { headers })
    const text = await response.text()
    pulls.push(performance.now() - acknowledged)
    if (!text.includes(`"fee_amount":${turn}}`)) missing += 1
    const key = `${partitionOf(id, PARTITIONS)}:${position!.offset}`
    await until('the floor to hear it', () => heard.has(key))
    floors.push(Math.max(0, heard.get(key)! - acknowledged))
  }
  await consumer.stop()
  const row = (name: string, ms: readonly number[]): string =>
    `| ${name} | ${quantile(ms, 0.5).toFixed(1)} | ${quantile(ms, 0.99).toFixed(1)} |\n`
  process.stdout.write('| freshness, idle | p50 ms | p99 ms |\n|---|---|---|\n')
  process.stdout.write(row('acknowledged → an empty handler hears it', floors))
  process.stdout.write(row('acknowledged → answered by a pull that contains it', pulls))
  process.stdout.write(`\n${PULLS_AFTER_ACK} pulls right after the acknowledgement, ${missing} without the event\n`)
}

await main()
