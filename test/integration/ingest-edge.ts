import type { LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import type { HttpLimits } from '../../src/http/limits.ts'
import { type MemoryLog, memoryLog } from '../../src/memory/log.ts'
import type { Pull } from '../../src/pull/port.ts'
import { type Answer, call, cheapHash, configOf, type Edge, PUBLISHER, startEdge } from './http-edge.ts'

export const TOPIC = 'erp.student-events'
export const PARTITIONS = 16
export const STRUCTURED = 'application/cloudevents+json'
export const BATCH = 'application/cloudevents-batch+json'
export const WEBHOOK_SECRET = 'shared with Frappe'

const CLIENTS = `
  - { username: jodo, secrets: ["${cheapHash('correct horse')}"], branches: all }
  - { username: publisher, secrets: ["${cheapHash('p-secret')}"], publish: [/erp/x, /erp/y] }
  - { username: slow, secrets: ["${cheapHash('s-secret')}"], publish: [/erp/x], rate_limit: { per_second: 1 } }
  - { username: frappe, publish: [/erp/frappe], webhook: { secret: "env:WEBHOOK" } }
  - { username: other, publish: [/erp/other], webhook: { secret: "env:OTHER", header: X-Signature } }`

export type IngestEdge = Edge & {
  readonly eventLog: MemoryLog
  /** Everything in the log, partition by partition. */
  readonly written: () => Promise<readonly LogRecord[]>
  readonly post: (body: string | Buffer, headers?: Record<string, string>) => Promise<Answer>
}

/** The HTTP edge on a log in memory. */
export const startIngestEdge = async (
  options: {
    readonly deadlineMs?: number
    readonly limits?: Partial<HttpLimits>
    readonly log?: Partial<MemoryLog>
    readonly pull?: Pull
  } = {},
): Promise<IngestEdge> => {
  const eventLog = { ...memoryLog(), ...options.log }
  await eventLog.ensureTopics(topicSpecs(TOPIC, PARTITIONS))
  const config = configOf({
    clients: CLIENTS,
    env: { WEBHOOK: WEBHOOK_SECRET, OTHER: 'another' },
    ...(options.deadlineMs !== undefined && { deadlineMs: options.deadlineMs }),
  })
  const edge = await startEdge({
    append: eventLog.append,
    config,
    ...(options.limits && { limits: options.limits }),
    ...(options.pull && { pull: options.pull }),
  })
  const written = async (): Promise<readonly LogRecord[]> => {
    const all: LogRecord[] = []
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const batch = await eventLog.read(TOPIC, partition, 0, { maxBytes: 64 * 1024 * 1024 })
      all.push(...(batch?.records ?? []))
    }
    return all
  }
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    call(edge.port, '/events', {
      method: 'POST',
      headers: { authorization: PUBLISHER, 'content-type': STRUCTURED, ...headers },
      body,
    })
  return { ...edge, eventLog, written, post }
}

let nextId = 0

/** A fee change; `said` overrides attributes, `undefined` takes one away. */
export const feeChanged = (identifier: string, said: object = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id: `id-${nextId++}`,
  source: '/erp/x',
  type: 'erp.fee.changed.v1',
  time: '2026-06-01T09:00:00+05:30',
  data: {
    student: { identifier, grade: '5', academic_year_start: '2026' },
    component_type: 'TUITION_FEE',
    amount: '100.50',
  },
  ...said,
})

export const placeOf = (identifier: string, offset: number): string =>
  `${partitionOf(identifier, PARTITIONS)}:${offset}`
