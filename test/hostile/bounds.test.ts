import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { writeSize } from '../../consumers/projector/write-size.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { failureThrottle } from '../../src/http/failure-throttle.ts'
import { logAppender } from '../../src/kafka/appender.ts'
import type { Brokers } from '../../src/kafka/leader.ts'
import { openPartitionQueue } from '../../src/log/partition-queue.ts'
import { pause } from '../../src/log/pause.ts'
import { freeLease } from '../../src/log/unpack-budget.ts'
import { buildLog } from '../../src/logging.ts'
import { buildMetrics } from '../../src/metrics/metrics.ts'
import { startMetricsServer } from '../../src/metrics/port-server.ts'
import { lastKnownGood } from '../../src/pull/last-known-good.ts'
import { statusStream } from '../../src/status/stream.ts'
import { call, startEdge } from '../integration/http-edge.ts'
import { until } from '../support/until.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const MEBIBYTE = 1024 * 1024

type Row = {
  readonly what: string
  readonly bound: string
  readonly file: string
  readonly text: string
  readonly test: string
}
const ROW = /^\| ([^|]+) \| ([^|]+) \| [^|]+ \| `([\w/.-]+\.ts)`: `([^`]+)` \| (?:`(test\/[^`]+)`|–) \|$/gm
const [, section = ''] = read('docs/security.md').split('## Bounds')
const rows: readonly Row[] = [...section.matchAll(ROW)].map(([, what, bound, file, text, path = '']) => ({
  what: what!,
  bound: bound!,
  file: file!,
  text: text!,
  test: path,
}))

describe('the table of bounds', () => {
  test('has a place in the program, and a test that reaches the bound, for each row', () => {
    const lines = section.split('\n').filter((line) => line.startsWith('| '))
    expect(rows).toHaveLength(lines.length - 1)
    for (const { what, file, text, test: path } of rows) {
      expect(read(file), what).toContain(text)
      if (path !== '') expect(read(path).length, what).toBeGreaterThan(0)
    }
  })

  test('says the number that the program has', () => {
    for (const { what, bound, text } of rows) {
      const [, expression] = /[:=] ([\d_* ]+)$/.exec(text) ?? []
      if (expression === undefined) continue
      const value = expression
        .replaceAll('_', '')
        .split('*')
        .reduce((product, factor) => product * Number(factor), 1)
      const shown = [
        value.toLocaleString('en'),
        `${(value / 1024).toLocaleString('en')} KiB`,
        `${value / MEBIBYTE} MiB`,
      ]
      expect(shown.some((form) => bound.includes(form)) || text.includes('PerPlace'), `${what}: ${bound}`).toBe(true)
    }
  })

  test('has every bound that the gateway and the projector name', () => {
    const named = /^(?:export )?const ((?:MAX|MOST)_\w+|\w+_AT_MOST|\w*_AT_MOST) = [\d_* ]+$/gm
    const files = ['kafka', 'redis', 'log', 'answers', 'pull', 'status', 'metrics', 'erp', 'http', 'ingest']
      .map((folder) => `src/${folder}/*.ts`)
      .concat('consumers/{events,projector,scout,ports,rerouting,dead-letters}/*.ts')
      .flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
    const missing = files.flatMap((file) =>
      [...read(file).matchAll(named)]
        .map(([, name]) => `${file}: ${name}`)
        .filter((bound) => !NO_ROOM.includes(bound.split(' ')[1]!))
        .filter((bound) => !rows.some(({ file: of, text }) => `${of}: ${text.split(' ')[0]}` === bound)),
    )
    expect(missing).toEqual([])
  })
})

/** Numbers that bound no memory: times, one-off reads, and second limits of a row. */
const NO_ROOM: readonly string[] = [
  'MAX_AGE_MS',
  'MOST_SKEW_MS',
  'HEARTBEATS_MAX_AGE_MS',
  'MISROUTING_MAX_AGE_MS',
  'MAX_BYTES',
  'MOST_BYTES',
  'MOST_UNSENT',
  'MAX_NEW_SHAPES',
  'MAX_OBJECTS',
  'MAX_EVENTS',
  'MOST_NEWEST',
  'MOST_REMEMBERED',
  'NAMES_AT_MOST',
  'MOST_AT_ONCE',
  'READS_AT_MOST',
  'MOST_REST_MS',
]

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const openSockets = async (port: number, count: number): Promise<readonly Socket[]> => {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  return sockets
}
const isClosed = (socket: Socket): boolean => socket.destroyed || socket.readableEnded
const watch = (sockets: readonly Socket[]): void => {
  for (const socket of sockets) socket.resume()
}

describe('at its bound', () => {
  test('the partner’s port closes the newest connection, and serves the others', async () => {
    const edge = await startEdge({ limits: { maxConnections: 3 } })
    cleanups.push(() => edge.close())
    const first = await openSockets(edge.port, 3)
    const [newest] = await openSockets(edge.port, 1)
    watch([...first, newest!])
    await until('the newest to be closed', () => isClosed(newest!))
    expect(first.filter(isClosed)).toEqual([])
    first[0]!.destroy()
    await until('a place to be free', async () => (await call(edge.port, '/healthz').catch(() => null))?.status === 200)
  })

  test('the metrics port closes the newest connection', async () => {
    const server = await startMetricsServer({
      host: '127.0.0.1',
      port: 0,
      metrics: buildMetrics(['gateway'], {
        version: '1',
        partitions: 1,
        eventTypes: [],
        heartbeatSources: [],
        erps: [],
      }),
      checks: [],
      pages: new Map(),
      verdict: async () => ({ text: '', problems: [] }),
      log: buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false }),
    })
    cleanups.push(() => server.close())
    const sockets = await openSockets(server.port, 256)
    const [newest] = await openSockets(server.port, 1)
    watch([...sockets, newest!])
    await until('the newest to be closed', () => isClosed(newest!))
    expect(sockets.filter(isClosed)).toEqual([])
  })

  test('the status page refuses the next viewer', async () => {
    const stream = statusStream(
      async () => ({}),
      () => {},
    )
    const added: boolean[] = []
    const server = createServer((_request, response) => {
      const isAdded = stream.add(response)
      added.push(isAdded)
      if (!isAdded) response.writeHead(503).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanups.push(() => {
      stream.close()
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    for (let viewer = 0; viewer < 33; viewer += 1)
      get({ port, host: '127.0.0.1', agent: false }, (response) => response.resume()).on('error', () => {})
    await until('all to be seen', () => added.length === 33)
    expect(added.filter(Boolean)).toHaveLength(32)
  })

  test('failed log-ins forget the oldest address', () => {
    const { failed, charged } = failureThrottle()
    for (let address = 0; address < 10_000; address += 1) failed(`${address}`, 0)
    expect(charged('0', 0)).toBe(1)
    failed('10000', 0)
    expect([charged('0', 0), charged('1', 0), charged('10000', 0)]).toEqual([0, 1, 1])
  })

  test('last known answers forget the oldest', () => {
    const known = lastKnownGood(1_000, 64 * MEBIBYTE)
    const body = Buffer.alloc(MEBIBYTE)
    const mark = { id: 'S' as StudentId, partition: 0, last: { partition: 0, offset: 0 }, next: 1 }
    const isKept = (identifier: string): boolean => known.studentOf({ identifier }) !== null
    for (let index = 0; index < 64; index += 1)
      known.remember({ identifier: `${index}` }, { status: 200, body, saidAtMs: 0 }, mark)
    expect([isKept('0'), isKept('1'), isKept('63')]).toEqual([false, true, true])
  })

  test('a write has no more records, however long all goes well', () => {
    const size = writeSize()
    for (let times = 0; times < 100; times += 1) size.grow()
    expect(size.records()).toBe(1000)
  })

  test('a partition whose handler is slow asks for nothing more', async () => {
    const slow = Promise.withResolvers<{ readonly kind: 'next' }>()
    const queue = openPartitionQueue(0, {
      handler: { assigned: async () => 0, batch: () => slow.promise },
      changed: () => {},
      progressed: () => {},
      failed: () => {},
      pause,
      after: Promise.resolve(),
      lease: freeLease,
    })
    cleanups.push(() => {
      slow.resolve({ kind: 'next' })
      return queue.close()
    })
    await until('the first question', () => typeof queue.ask() === 'object')
    let fetches = 0
    for (let ask = queue.ask(); typeof ask === 'object' && fetches < 100; ask = queue.ask()) {
      const batch = { from: ask.offset, next: ask.offset + 1, identity: 'x', bytes: MEBIBYTE }
      queue.fetched(ask.epoch, { ...batch, unpack: () => ({ records: [], next: batch.next, rest: null }) })
      fetches += 1
      await new Promise(setImmediate)
    }
    // One is being handled, and two wait.
    expect([queue.ask(), fetches]).toEqual(['later', 3])
  })

  test('an append that finds no room is refused, and room is there again afterwards', async () => {
    const view = Promise.withResolvers<never>()
    view.promise.catch(() => {})
    const hanging = {
      cluster: { topic: () => view.promise, doubt: () => {}, brokers: () => [], ask: () => view.promise },
      connections: { ask: () => view.promise },
    } as unknown as Brokers
    const append = logAppender(hanging, 60_000)
    const record = { topic: 't', partition: 0, key: null, value: Buffer.alloc(8 * MEBIBYTE), headers: [] }
    const waiting = Array.from({ length: 7 }, () => append([record]).catch((error: Error) => error.message))
    await expect(append([record])).rejects.toThrow('too much is waiting for the log')
    view.reject(new Error('the brokers are gone'))
    await Promise.all(waiting)
    expect(await append([record]).catch((error: Error) => error.message)).not.toContain('too much')
  })
})
