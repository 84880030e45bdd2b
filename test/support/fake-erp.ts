import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Behaviour, perform } from './fake-erp-behaviours.ts'
import { answerFor, type FakeStudents } from './fake-erp-students.ts'

export type SeenRequest = {
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly accept: string | undefined
  /** `performance.now()` at its arrival. */
  readonly atMs: number
}

/** A real HTTP server that plays an ERP, well or badly; what it does can be changed while it runs. */
export type FakeErp = {
  readonly url: string
  readonly port: number
  readonly students: FakeStudents
  /** What it does from now on; resolves when that is so (`refuse` closes the port, anything else opens it again). */
  readonly behave: (behaviour: Behaviour) => Promise<void>
  /** What it does with the next calls, one each, before it falls back to `behave`. */
  readonly next: (...behaviours: readonly Behaviour[]) => void
  readonly calls: () => number
  /** Calls that came and have neither been answered nor hung up. */
  readonly open: () => number
  /** The most that were open at once since `forget`. */
  readonly maxOpen: () => number
  readonly sockets: () => number
  /** The last thousand. */
  readonly requests: () => readonly SeenRequest[]
  readonly forget: () => void
  readonly close: () => Promise<void>
}

const remembered = 1_000

export const fakeErp = async (
  options: {
    readonly students?: FakeStudents
    readonly port?: number
    readonly path?: string
    /** What it does for these students, whatever it does for others. */
    readonly behaviours?: ReadonlyMap<string, Behaviour>
    /** `user:password`; another one gets 401. */
    readonly credentials?: string
  } = {},
): Promise<FakeErp> => {
  const { students = new Map(), path = '/fetch-student', credentials, behaviours } = options
  const expected = credentials === undefined ? null : `Basic ${Buffer.from(credentials).toString('base64')}`
  const timers = new Set<NodeJS.Timeout>()
  const sockets = new Set<Socket>()
  const seen: SeenRequest[] = []
  const queued: Behaviour[] = []
  let standing: Behaviour = { kind: 'ok' }
  let server: Server | null = null
  let port = options.port ?? 0
  let calls = 0
  let open = 0
  let maxOpen = 0

  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      action()
    }, ms)
    timers.add(timer)
  }
  const count = (res: ServerResponse) => {
    calls++
    open++
    maxOpen = Math.max(maxOpen, open)
    res.once('close', () => open--)
  }
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    count(res)
    res.on('error', () => undefined)
    const url = req.url ?? ''
    const query = new URL(url, 'http://fake').searchParams
    const { authorization, accept } = req.headers
    seen.push({ method: req.method ?? '', url, query, authorization, accept, atMs: performance.now() })
    if (seen.length > remembered) seen.shift()
    if (expected !== null && authorization !== expected) return void res.writeHead(401).end()
    if (!url.startsWith(path)) return void res.writeHead(404).end()
    const behaviour = behaviours?.get(query.get('identifier') ?? '') ?? queued.shift() ?? standing
    if (behaviour.kind === 'refuse') return void res.socket?.resetAndDestroy()
    perform(behaviour, res, answerFor(students, query), later)
  }
  const listen = async () => {
    if (server !== null) return
    server = createServer({ keepAliveTimeout: 60_000 }, handle)
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const hangUp = async () => {
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    if (server === null) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    server = null
    await closed
  }

  await listen()
  return {
    url: `http://127.0.0.1:${port}${path}`,
    port,
    students,
    behave: async (behaviour) => {
      standing = behaviour
      await (behaviour.kind === 'refuse' ? hangUp() : listen())
    },
    next: (...behaviours) => void queued.push(...behaviours),
    calls: () => calls,
    open: () => open,
    maxOpen: () => maxOpen,
    sockets: () => sockets.size,
    requests: () => seen,
    forget: () => {
      calls = 0
      maxOpen = open
      seen.length = 0
      queued.length = 0
    },
    close: hangUp,
  }
}
