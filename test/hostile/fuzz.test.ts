import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decode } from '../../consumers/events/decode.ts'
import { validateRecord } from '../../consumers/events/validate.ts'
import { judge } from '../../src/erp/judge.ts'
import { parsePullQuery } from '../../src/http/query.ts'
import { exchangeRaw, JODO, PUBLISHER, parseRaw } from '../integration/http-edge.ts'
import { BATCH, feeChanged, type IngestEdge, STRUCTURED, startIngestEdge } from '../integration/ingest-edge.ts'
import { recordOf } from '../support/events.ts'
import { studentBody } from '../support/fake-erp-students.ts'

/** Set it to the seed that a failure names. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_601)

/** mulberry32: a seed says everything that follows. */
const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const SPLICES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\0',
  '\xff',
  'null',
  '1e999',
  '-0',
  '\\ud800',
  '%',
  '&',
  '\r\n',
]

/** One to four changes of bytes: flipped, cut out, doubled, swapped for what parsers stumble over. */
const mutate = (bytes: Buffer, random: (below: number) => number): Buffer => {
  let now = bytes
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(now.length + 1)
    const to = Math.min(now.length, at + random(12))
    const [before, cut, after] = [now.subarray(0, at), now.subarray(at, to), now.subarray(to)]
    const splice = Buffer.from(SPLICES[random(SPLICES.length)]!, 'latin1')
    const choices = [
      [before, after],
      [before, cut, cut, after],
      [before, splice, after],
      [before, splice, cut, after],
    ]
    now = Buffer.concat(choices[random(choices.length)]!)
    if (now.length > 0 && random(3) === 0) now[random(now.length)] = random(256)
  }
  return now
}

/** Milliseconds of this thread's CPU for one input. Time on the clock also counts what a busy machine does meanwhile. */
const MOST_MS = 100

const cpuMs = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** The lesser of two runs: the first may pay for a collection of the garbage of those before it. */
const expectCheap = (work: () => void): void => {
  if (cpuMs(work) > MOST_MS) expect(cpuMs(work)).toBeLessThanOrEqual(MOST_MS)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heapBytes = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}
/** What the caches of decoding may hold, and code that was compiled meanwhile: 220,000 inputs of 400 bytes are 88 MB. */
const MOST_KEPT = 32 * 1024 * 1024

const fuzz = (count: number, source: (n: number) => Buffer, run: (bytes: Buffer) => void): void => {
  const random = randomOf(SEED)
  const before = heapBytes()
  for (let n = 0; n < count; n++) {
    const bytes = mutate(source(n), random)
    try {
      expectCheap(() => run(bytes))
    } catch (error) {
      throw new Error(`seed ${SEED}, input ${n}: ${bytes.toString('base64')}`, { cause: error })
    }
  }
  expect(heapBytes() - before).toBeLessThan(MOST_KEPT)
}

describe('mutated input never throws, costs little and leaves nothing', () => {
  const event = Buffer.from(JSON.stringify(feeChanged('S-1', { sequence: '7' })))

  test('100,000 events, decoded and validated alike', { timeout: 120_000 }, () => {
    fuzz(
      100_000,
      () => event,
      (bytes) => {
        const record = recordOf(bytes)
        const decoded = decode(record)
        const isGood = decoded.kind === 'student' && decoded.content.kind !== 'broken'
        // A foreign type needs a valid envelope where it is published; all else is judged by the decoder.
        if (decoded.kind !== 'foreign')
          expect(validateRecord(record).kind === 'valid').toBe(isGood || decoded.kind === 'heartbeat')
      },
    )
  })

  test('60,000 answers of ERPs', { timeout: 120_000 }, () => {
    const answers = [
      [200, Buffer.from(JSON.stringify(studentBody({ identifier: 'S-1' })))],
      [422, Buffer.from('{"status":"error","message":"x","code":"student_not_found"}')],
    ] as const
    let status = 200
    fuzz(
      60_000,
      (turn) => {
        const [ofTurn, body] = answers[turn % 2]!
        status = ofTurn
        return body
      },
      (body) => {
        judge({ identifier: 'S-1' }, { kind: 'response', status, headers: {}, body, saidAtMs: 0, isOnUsed: false })
      },
    )
  })

  test('60,000 queries', { timeout: 120_000 }, () => {
    const query = Buffer.from('/fetch-student?identifier=S%201%C3%BC&grade=5&academic_year_start=2026&x=%41+b')
    fuzz(
      60_000,
      () => query,
      (bytes) => {
        parsePullQuery(bytes.toString('latin1'))
      },
    )
  })
})

describe('mutated requests over a socket', () => {
  let edge: IngestEdge
  beforeAll(async () => {
    edge = await startIngestEdge({
      deadlineMs: 300,
      limits: { headersTimeoutMs: 200, requestTimeoutMs: 400, timeoutCheckMs: 50, keepAliveMs: 200, idleSocketMs: 600 },
    })
  })
  afterAll(() => edge.close())

  const body = JSON.stringify(feeChanged('S-1'))
  const post = (type: string, text: string) =>
    `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${PUBLISHER}\r\nContent-Type: ${type}\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`
  const REQUESTS = [
    `GET /fetch-student?identifier=S-1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${JODO}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
    post(STRUCTURED, body),
    post(BATCH, `[${body},${body}]`),
  ].map((text) => Buffer.from(text, 'latin1'))

  test('300 of them are answered, never with 500, and the next one as ever', { timeout: 120_000 }, async () => {
    const random = randomOf(SEED)
    const before = heapBytes()
    for (let round = 0; round < 15; round++) {
      const inputs = Array.from({ length: 20 }, (_, n) => mutate(REQUESTS[n % REQUESTS.length]!, random))
      const texts = await Promise.all(
        // What has no end is ended by the client.
        inputs.map((bytes) => exchangeRaw(edge.port, `${bytes.toString('latin1')}\r\n\r\n`).catch(() => '')),
      )
      for (const [index, text] of texts.entries()) {
        const statuses = /^HTTP\/1\.1 \d/.test(text) ? parseRaw(text).map(({ status }) => status) : []
        expect(statuses, `seed ${SEED}: ${inputs[index]!.toString('base64')}`).not.toContain(500)
      }
    }
    expect(edge.logged()).not.toContain('unexpected error')
    expect((await edge.post(body)).status).toBe(200)
    expect(heapBytes() - before).toBeLessThan(MOST_KEPT)
  })
})
