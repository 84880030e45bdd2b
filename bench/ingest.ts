import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { hashSecret } from '../src/config/secret.ts'
import { openProgram } from '../test/support/program.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { cpuMicros, quantile } from './load.ts'

/**
 * HTTP ingest against its floor, a bare Fastify POST that awaits a kafkajs send of the same batch, both on the same
 * broker in one interleaved run: CPU of the serving process per event, and how long a publisher waits. Needs
 * KAFKA_BROKERS and REDIS_URL. Markdown on stdout.
 */

const PARTITIONS = 16
const BATCHES = [1, 20, 100]
const SLICE_MS = 2_000
const CONNECTIONS = 8
const ROUNDS = Number(process.argv.includes('--quick') ? 3 : 7)
const SOURCE = '/erp/bench'

type Slice = { readonly events: number; readonly ms: readonly number[]; readonly cpuMicros: number }
type Contender = { readonly pid: number; readonly url: string; readonly auth: string }

const post = (agent: Agent, { url, auth }: Contender, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/cloudevents-batch+json', 'content-length': body.length }
    const sent = request(`${url}/events`, { method: 'POST', agent, auth, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`))
      response.resume().on('end', resolve)
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Closed loop: each connection posts its next batch once the last is acknowledged. */
const slice = async (to: Contender, bodies: readonly Buffer[], size: number): Promise<Slice> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const ms: number[] = []
  const before = cpuMicros(to.pid)
  const until = performance.now() + SLICE_MS
  let turn = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now()
      await post(agent, to, bodies[turn++ % bodies.length]!)
      ms.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  agent.destroy()
  return { events: ms.length * size, ms, cpuMicros: cpuMicros(to.pid) - before }
}

const bodiesOf = (size: number): readonly Buffer[] => {
  const school = publisher('', PARTITIONS, SOURCE)
  return Array.from({ length: 50 }, (_, batch) => {
    const events = Array.from({ length: size }, (_, n) => school.feeChanged(`S-${(batch * size + n) % 1_000}`, n))
    return Buffer.from(`[${events.map(({ value }) => Buffer.from(value!).toString()).join(',')}]`)
  })
}

const row = (name: string, slices: readonly Slice[]): string => {
  const each = slices.map(({ cpuMicros, events }) => cpuMicros / events)
  const ms = slices.flatMap((one) => one.ms)
  const rate = slices.map(({ events }) => events / (SLICE_MS / 1000))
  const cells = [quantile(each, 0.5).toFixed(1), quantile(ms, 0.5).toFixed(1), quantile(ms, 0.99).toFixed(1)]
  return `| ${name} | ${cells.join(' | ')} | ${quantile(rate, 0.5).toFixed(0)} |\n`
}

const compare = async (floor: Contender, gateway: Contender): Promise<void> => {
  for (const size of BATCHES) {
    const bodies = bodiesOf(size)
    const pairs: { floor: Slice; gateway: Slice }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const pair = { floor: await slice(floor, bodies, size), gateway: await slice(gateway, bodies, size) }
      // The first round warms both up.
      if (round > 0) pairs.push(pair)
    }
    const ratios = pairs.map(
      (pair) => pair.floor.cpuMicros / pair.floor.events / (pair.gateway.cpuMicros / pair.gateway.events),
    )
    process.stdout.write(
      `\n| batches of ${size} | CPU µs an event | p50 ms | p99 ms | events/s |\n|---|---|---|---|---|\n`,
    )
    const floors = pairs.map((pair) => pair.floor)
    process.stdout.write(row('bare Fastify + kafkajs', floors))
    process.stdout.write(
      row(
        'POST /events',
        pairs.map((pair) => pair.gateway),
      ),
    )
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)]
    const range = `${low.toFixed(2)} to ${high.toFixed(2)}`
    process.stdout.write(`\nCPU ratio (bare / POST /events): median ${quantile(ratios, 0.5).toFixed(2)}, ${range}\n`)
  }
}

const main = async (): Promise<void> => {
  const redisUrl = process.env['REDIS_URL']
  if (!redisUrl) throw new Error('REDIS_URL is not set')
  const log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  await log.close()
  const secret = randomBytes(12).toString('base64url')
  const config = JSON.stringify({
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
    clients: [{ username: 'bench', secrets: [await hashSecret(secret)], publish: [SOURCE] }],
  })
  const program = await openProgram({ brokers: sharedBrokers(), redisUrl, config })
  const script = fileURLToPath(new URL('ingest-floor.ts', import.meta.url))
  const bare = spawn(process.execPath, [script, sharedBrokers(), topic], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = (await once(bare.stdout!, 'data')) as [Buffer]
    const gateway = await program.start('gateway')
    const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
    process.stdout.write(`${machine}, ${CONNECTIONS} connections, acks=all\n`)
    const auth = `bench:${secret}`
    await compare(
      { pid: bare.pid!, url: `http://127.0.0.1:${String(port).trim()}`, auth },
      { pid: gateway.pid, url: gateway.url, auth },
    )
  } finally {
    bare.kill()
    await program.close()
  }
}

await main()
