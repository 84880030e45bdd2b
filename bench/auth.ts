import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { liveConfig } from '../src/config/live.ts'
import { loadConfig } from '../src/config/load.ts'
import { hashSecret } from '../src/config/secret.ts'
import { clientTables } from '../src/http/clients.ts'
import { requestLogin } from '../src/http/login.ts'
import type { SocketState } from '../src/http/sockets.ts'
import { quantile } from './load.ts'

/**
 * What authentication costs a request once its credentials are verified: on a connection that was let in with them before,
 * and on a new one, where a keyed digest tells it.
 *
 *     node bench/auth.ts
 */
const ROUNDS = 20
const REQUESTS = 20_000

const secret = randomBytes(24).toString('base64url')
const yaml = `
policy: { balance_basis: payable, paid_instalments: omit }
clients: [{ username: jodo, secrets: ["${await hashSecret(secret)}"], branches: all }]
`
const loaded = loadConfig({ file: 'pullgate.yaml', env: {}, readFile: () => yaml })
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
const app = Fastify({ logger: false })
const login = await requestLogin(app, clientTables(liveConfig(loaded.config)), (error) => {
  throw error
})

const headers = { authorization: `Basic ${Buffer.from(`jodo:${secret}`).toString('base64')}` }
const reply = { header: () => reply, code: () => reply } as unknown as FastifyReply
const requestOf = (): FastifyRequest =>
  ({ headers, raw: { headers, socket: { remoteAddress: '127.0.0.1' } } }) as unknown as FastifyRequest
const newSocket = (): SocketState => ({
  pending: 1,
  last: null,
  pause: null,
  failed: false,
  loggingIn: null,
  pulling: null,
  verified: null,
})

const letIn = async (socket: SocketState): Promise<void> => {
  const result = await login(requestOf(), reply, socket)
  if (result.kind !== 'client') throw new Error(`refused: ${result.kind}`)
}
const kept = newSocket()
await letIn(kept)

/** CPU of this process, microseconds a request. */
const cost = async (work: () => void | Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  for (let n = 0; n < REQUESTS; n++) {
    const pending = work()
    if (pending) await pending
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / REQUESTS
}

const onKept = (): void => {
  if (login(requestOf(), reply, kept) instanceof Promise) throw new Error('verified anew')
}
const onNew = (): void => {
  if (login(requestOf(), reply, newSocket()) instanceof Promise) throw new Error('verified anew')
}
const rounds: { readonly kept: number; readonly fresh: number }[] = []
for (let round = 0; round < ROUNDS; round++) rounds.push({ kept: await cost(onKept), fresh: await cost(onNew) })
const median = (of: (round: (typeof rounds)[number]) => number) => quantile(rounds.slice(2).map(of), 0.5).toFixed(2)
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n`)
process.stdout.write('| a request with verified credentials | CPU µs, median |\n|---|---|\n')
process.stdout.write(`| on a connection that was let in | ${median((round) => round.kept)} |\n`)
process.stdout.write(`| on a new connection | ${median((round) => round.fresh)} |\n`)
await app.close()
