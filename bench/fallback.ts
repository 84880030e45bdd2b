import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { erpClient } from '../src/erp/client.ts'
import { studentBody } from '../test/support/fake-erp-students.ts'
import { quantile } from './load.ts'

/**
 * What a call to an ERP costs in CPU through single flight, retries, breaker, bulkhead and validation, against a plain
 * `http.get` over kept-alive connections that reads the same bytes. Both take turns, so that a drifting machine slows
 * them alike; what counts is the ratio.
 *
 *     node bench/fallback.ts [--only=client|plain]     the latter for a profile: node --cpu-prof bench/fallback.ts --only=client
 */
const ROUNDS = 12
const CALLS = 4_000
const AT_ONCE = 16

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)
const instalments = Array.from({ length: 8 }, (_, index) => ({
  due_date: `2026-${String(index + 4).padStart(2, '0')}-10`,
  reference_id: `ref_${index}`,
  details: [{ component_type: 'TUITION_FEE', amount: 1_250 }],
}))
const whole = studentBody({ identifier: 'S-1' })
const body = JSON.stringify({ ...whole, data: { ...whole.data, payment_schedule: instalments } })
const script = fileURLToPath(new URL('bare-server.ts', import.meta.url))
const server = spawn(process.execPath, [script, Buffer.from(body).toString('base64')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [port] = (await once(server.stdout!, 'data')) as [Buffer]
const url = `http://127.0.0.1:${String(port).trim()}/fetch-student`

const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const breaker = { error_percent: 50, volume: 20, reset_ms: 10_000 }
const config = { url, username: 'u', password: 'p', timeout_ms: 4_000, max_concurrent: AT_ONCE, breaker }
const client = erpClient({ config, label: () => 'group', log: quiet })
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
const headers = { accept: 'application/json', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` }

let turn = 0
const throughClient = async (): Promise<void> => {
  // The custom identifier is not in an answer: each lookup is one of its own, and the same bytes answer all.
  const outcome = await client.fetch({ custom_identifier: `C-${turn++}` }, performance.now() + 10_000)
  if (outcome.kind !== 'answer') throw new Error(`the client got ${JSON.stringify(outcome)}`)
}
const plain = (): Promise<void> =>
  new Promise((resolve, reject) => {
    get(`${url}?custom_identifier=C-${turn++}`, { agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => (Buffer.concat(chunks).length === body.length ? resolve() : reject(new Error('short'))))
    }).on('error', reject)
  })

/** CPU of this process, microseconds a call. */
const cost = async (call: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  let left = CALLS
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

const rounds: { readonly plain: number; readonly client: number }[] = []
for (let round = 0; round < ROUNDS; round++) {
  const pair = {
    plain: only === 'client' ? 0 : await cost(plain),
    client: only === 'plain' ? 0 : await cost(throughClient),
  }
  // The first two warm both up.
  if (round > 1) rounds.push(pair)
}
const ratios = rounds.map((pair) => pair.plain / pair.client)
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${body.length} bytes\n\n`)
process.stdout.write('| a call to the ERP | CPU µs, median |\n|---|---|\n')
process.stdout.write(
  `| plain http.get, keep-alive | ${quantile(
    rounds.map((pair) => pair.plain),
    0.5,
  ).toFixed(0)} |\n`,
)
process.stdout.write(
  `| the ERP client | ${quantile(
    rounds.map((pair) => pair.client),
    0.5,
  ).toFixed(0)} |\n`,
)
process.stdout.write(
  `\nratio (plain / client): median ${quantile(ratios, 0.5).toFixed(2)}, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}\n`,
)
agent.destroy()
await client.close()
server.kill()
