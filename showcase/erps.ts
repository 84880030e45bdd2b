import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decode } from '../consumers/events/decode.ts'
import type { NewRecord } from '../consumers/ports/log.ts'
import { foldStudent } from '../consumers/projector/fold-student.ts'
import { decodeRecord } from '../consumers/stored/record.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import type { Branch } from './school.ts'

/** What the ERPs know: their own books, kept event by event, whether or not anybody received the events. */
export type Books = {
  readonly enter: (records: readonly NewRecord[]) => void
  readonly answer: (identifier: string, branch: Branch) => { readonly status: number; readonly body: string }
}

const RENDERING = {
  policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
  calendar: calendarOf('Asia/Kolkata'),
} as const

const NOT_FOUND = { status: 422, body: '{"status":"error","message":"No such student.","code":"student_not_found"}' }

export const openBooks = (): Books => {
  const records = new Map<string, Buffer>()
  return {
    enter: (written) => {
      for (const record of written) {
        const decoded = decode({ ...record, offset: 0, timestampMs: 0 })
        if (decoded.kind !== 'student') continue
        const { identifier, content } = decoded
        const before = records.get(identifier) ?? null
        records.set(
          identifier,
          foldStudent({ identifier, items: [{ content, rerouted: false }] }, before, RENDERING).record,
        )
      }
    },
    answer: (identifier, branch) => {
      const known = records.get(identifier)
      const enrolment = known && decodeRecord(known).enrolments.find(({ collectorCode }) => collectorCode === branch)
      if (!enrolment?.now.body) return NOT_FOUND
      return { status: enrolment.now.status === 'active' ? 200 : 422, body: enrolment.now.body.toString() }
    },
  }
}

export type Erp = {
  readonly branch: Branch
  readonly url: string
  /** From now on it answers 503, or its books again. */
  readonly fail: (fails: boolean) => void
  readonly close: () => Promise<void>
}

/** One branch's ERP: a real server with the partner's API, as slow as ERPs are. */
export const startErp = async (branch: Branch, books: Books, credentials: string, slowMs: number): Promise<Erp> => {
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`
  let failing = false
  const server = createServer((request, response) => {
    if (failing) {
      response.writeHead(503).end()
      return
    }
    const allowed = request.headers.authorization === expected
    const identifier = new URL(request.url ?? '/', 'http://erp').searchParams.get('identifier') ?? ''
    const { status, body } = allowed ? books.answer(identifier, branch) : { status: 401, body: '{}' }
    setTimeout(() => {
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(body)
    }, slowMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    branch,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/fetch-student`,
    fail: (fails) => {
      failing = fails
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
