import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

let collector: OtlpReceiver
let erp: FakeErp
let school: EmbeddedProgram
beforeEach(async () => {
  collector = await otlpReceiver()
  erp = await fakeErp()
  school = await embeddedProgram(`erp: { url: ${erp.url}, username: u, password: env:ERP_PASSWORD }`, {
    ERP_PASSWORD: 'not-used',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
})
afterEach(async () => {
  await school.close()
  await Promise.all([collector.close(), erp.close()])
})

const childrenOf = (parent: ReceivedSpan): readonly string[] =>
  collector
    .spans()
    .filter(({ traceId, parentSpanId }) => traceId === parent.traceId && parentSpanId === parent.spanId)
    .map(({ name }) => name)

const pullOf = (requestId: string | null): ReceivedSpan | undefined =>
  collector.spans().find(({ name, attributes }) => name === 'pull' && attributes['pullgate.request_id'] === requestId)

test('a pull is traced to store, log and ERP, an event to fold and write, and to the publisher’s own trace', async () => {
  const events = publisher('ignored', 4)
  const running = await school.program.start('all')
  const assessed = events.assessed('S-1', 100)
  const traced = { ...JSON.parse(Buffer.from(assessed.value!).toString()), traceparent: `00-${TRACE}-${PARENT}-01` }
  const bodies = [events.enrolled('S-1'), { ...assessed, value: Buffer.from(JSON.stringify(traced)) }]
  expect((await school.post(running.url, bodies)).status).toBe(200)
  let known: Response
  await until('the projection answers', async () => {
    known = await school.pull(running.url, { identifier: 'S-1' })
    return known.headers.get('x-pullgate-source') === 'projection'
  })
  const unknown = await school.pull(running.url, { identifier: 'S-404' })
  expect(unknown.headers.get('x-pullgate-source')).toBe('erp')
  const [hit, miss] = [known!, unknown].map(({ headers }) => headers.get('x-request-id'))
  const eventSpan = () => collector.spans().find(({ name }) => name === 'event')
  await until('the spans', async () => Boolean(pullOf(hit!) && pullOf(miss!) && eventSpan()))
  expect(await running.stop()).toBe(0)

  const answered = pullOf(hit!)!
  expect(answered.service).toBe('pullgate-all')
  expect(answered.attributes).toMatchObject({ 'pullgate.source': 'projection', 'http.response.status_code': 200 })
  expect(new Set(childrenOf(answered))).toEqual(new Set(['store', 'log']))
  const asked = pullOf(miss!)!
  expect(asked.attributes).toMatchObject({ 'pullgate.source': 'erp', 'pullgate.reason': 'miss' })
  expect(childrenOf(asked)).toContain('erp')
  expect(asked.durationMs).toBeGreaterThan(0)

  const batches = collector.spans().filter(({ name }) => name === 'events')
  expect(batches.map(childrenOf)).toContainEqual(expect.arrayContaining(['load', 'fold', 'write']))
  const event = eventSpan()!
  expect([event.traceId, event.parentSpanId]).toEqual([TRACE, PARENT])
  expect(batches.map(({ spanId }) => spanId)).toContain(event.links[0]?.spanId)
  // Nothing of a student leaves.
  expect(collector.text()).not.toMatch(/S-1|S-404|Student/)
}, 120_000)

test('a collector that is away costs nothing but the traces', async () => {
  await collector.close()
  const running = await school.program.start('all')
  expect((await school.pull(running.url, { identifier: 'S-404' })).headers.get('x-pullgate-source')).toBe('erp')
  expect(await running.stop()).toBe(0)
  collector = await otlpReceiver()
}, 120_000)
