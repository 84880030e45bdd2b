import { randomBytes, scryptSync } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import type { Log } from '../../consumers/ports/log.ts'
import { type LiveConfig, liveConfig } from '../../src/config/live.ts'
import { type Config, loadConfig } from '../../src/config/load.ts'
import { defaultLimits, type HttpLimits } from '../../src/http/limits.ts'
import { buildServer, type HttpServer } from '../../src/http/server.ts'
import { ingestHandler } from '../../src/ingest/handler.ts'
import { buildLog } from '../../src/logging.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { buildMetrics, type Metrics } from '../../src/metrics/metrics.ts'
import type { Pull, PullAnswer } from '../../src/pull/port.ts'

/** As `pullgate hash-secret` writes it, but cheap to verify. */
export const cheapHash = (password: string): string => {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 })
  return `scrypt$16$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

export const JODO = basic('jodo', 'correct horse')
export const BRANCH_CLIENT = basic('branch', 'b-secret')
export const PUBLISHER = basic('publisher', 'p-secret')

const CLIENTS = `
  - { username: jodo, secrets: ["${cheapHash('correct horse')}", "${cheapHash('next horse')}"], branches: all }
  - { username: branch, secrets: ["${cheapHash('b-secret')}"], branches: [BLR-01, "007"] }
  - { username: publisher, secrets: ["${cheapHash('p-secret')}"], publish: [/erp/x] }
  - { username: slow, secrets: ["${cheapHash('s-secret')}"], branches: all, rate_limit: { per_second: 2 } }`

export const configOf = (
  options: {
    readonly deadlineMs?: number
    readonly clients?: string
    readonly env?: Record<string, string>
    readonly trustedProxies?: readonly string[]
  } = {},
): Config => {
  const yaml = `
policy: { balance_basis: payable, paid_instalments: omit }
pull: { deadline_ms: ${options.deadlineMs ?? 12_000} }
http: { trusted_proxies: ${JSON.stringify(options.trustedProxies ?? [])} }
clients: ${options.clients ?? CLIENTS}
`
  const env = { HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', ...options.env }
  const loaded = loadConfig({ file: 'pullgate.yaml', env, readFile: () => yaml })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

export const ANSWER: PullAnswer = {
  kind: 'answer',
  status: 200,
  body: Buffer.from('{"status":"success","data":{}}'),
  source: 'projection',
  asOfMs: Date.UTC(2026, 6, 17, 8, 30, 0, 250),
  version: '7:104',
  about: { id: null, enrolment: null, partitions: [] },
}

export type Edge = {
  readonly port: number
  readonly metrics: Metrics
  readonly live: LiveConfig
  /** Everything that was logged. */
  readonly logged: () => string
  readonly close: HttpServer['close']
}

export const startEdge = async (options: {
  readonly pull?: Pull
  readonly append?: Log['append']
  readonly config?: Config
  readonly limits?: Partial<HttpLimits>
}): Promise<Edge> => {
  const live = liveConfig(options.config ?? configOf())
  const metrics = buildMetrics(['gateway'], {
    version: 'test',
    partitions: 1,
    eventTypes: [],
    heartbeatSources: [],
    erps: [],
  })
  let logged = ''
  const write = (line: string) => {
    logged += line
  }
  const log = buildLog({ level: 'debug', destination: { write }, terminal: false })
  const pull = options.pull ?? (async () => ANSWER)
  const append = options.append ?? memoryLog().append
  const server = await buildServer({
    live,
    pull,
    mountIngest: (edge) => ingestHandler({ ...edge, append, topic: live.current().topic, metrics, log }),
    metrics,
    log,
    limits: { ...defaultLimits, lameDuckMs: 0, ...options.limits },
  })
  return { port: server.port, metrics, live, logged: () => logged, close: server.close }
}

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }

/** One request on a connection of its own. */
export const call = (
  port: number,
  path: string,
  options: {
    readonly method?: string
    /** As a flat list where a name repeats. */
    readonly headers?: Record<string, string> | readonly string[]
    readonly body?: string | Buffer
    /** Another one plays another client machine. */
    readonly localAddress?: string
  } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = { authorization: JODO }, body, localAddress = '127.0.0.1' } = options
    const how = { host: '127.0.0.1', port, path, method, headers, agent: false, localAddress }
    const sent = request(how, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Writes bytes to a socket; everything that comes back until the server closes it. */
export const exchangeRaw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })

/** Raw answers one after another, as status, headers in lower case, body. */
export const parseRaw = (text: string): readonly Answer[] => {
  const answers: Answer[] = []
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    )
    const length = Number(headers['content-length'])
    const bodyAt = end + 4
    answers.push({ status: Number(first.split(' ')[1]), headers, body: rest.slice(bodyAt, bodyAt + length) })
    rest = rest.slice(bodyAt + length)
  }
  return answers
}
