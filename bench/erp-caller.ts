// A contender of the fallback section: asked by HTTP for `?calls=n`, it makes so many calls to the ERP and answers with
// the CPU microseconds they took. Arguments: `plain` (a kept-alive http.get that reads the same bytes) or `client`, the URL.
import { Agent, createServer, get } from 'node:http'
import { erpClient } from '../src/erp/client.ts'

const AT_ONCE = 16

const [kind = '', url = ''] = process.argv.slice(2)
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const breaker = { error_percent: 50, volume: 20, reset_ms: 10_000 }
const login = { username: 'u', password: 'p' }
const config = { url, ...login, timeout_ms: 4_000, max_concurrent: AT_ONCE, probe: 'off' as const, breaker }
const client = erpClient({ config, label: () => 'group', log: quiet })
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
const headers = { accept: 'application/json', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` }

let turn = 0
const throughClient = async (): Promise<void> => {
  // Years are integers: each lookup is one of its own, and the same bytes answer all.
  const year = `${'0'.repeat(turn++ % 100)}2026`
  const outcome = await client.fetch(
    { identifier: 'S-1', academic_year_start: year },
    'jodo',
    performance.now() + 10_000,
  )
  if (outcome.kind !== 'answer') throw new Error(`the client got ${JSON.stringify(outcome)}`)
}
const plain = (): Promise<void> =>
  new Promise((resolve, reject) => {
    get(`${url}?custom_identifier=C-${turn++}`, { agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => (Buffer.concat(chunks).length > 0 ? resolve() : reject(new Error('nothing came'))))
    }).on('error', reject)
  })
const call = kind === 'client' ? throughClient : plain

const server = createServer(async (request, response) => {
  let left = Number(new URL(request.url ?? '', 'http://x').searchParams.get('calls'))
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  const { user, system } = process.cpuUsage(before)
  response.end(String(user + system))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
process.once('SIGTERM', () => process.exit())
