import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpOutcome } from '../../src/erp/port.ts'
import { erpConfig, testClient, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { active, refusal, studentBody } from '../support/fake-erp-students.ts'

type Seen = { readonly kind: string; readonly [field: string]: unknown }
type Row = readonly [title: string, behaviour: Behaviour, expected: Seen, calls: number, lookup?: PullQuery]

const asked = { identifier: 'S-1', collector_code: 'BLR-01', grade: '5', academic_year_start: '2026' }
const answer = { kind: 'answer', status: 200 }
const bad = { kind: 'bad_response' }
const unavailable = (cause: string) => ({ kind: 'unavailable', cause })
const status = (code: number): Behaviour => ({ kind: 'status', code })
const bytes = (body: string | Uint8Array, code = 200): Behaviour => ({ kind: 'bytes', body, status: code })
const whole = studentBody({ identifier: 'S-1' })
const text = JSON.stringify(whole)
const withStudent = (fields: object) =>
  bytes(JSON.stringify({ ...whole, data: { ...whole.data, student: { ...whole.data.student, ...fields } } }))
const withData = (fields: object) => bytes(JSON.stringify({ ...whole, data: { ...whole.data, ...fields } }))
const withFee = (rupees: string) => bytes(text.replace('"fee_amount":10000', `"fee_amount":${rupees}`))
const padded = (length: number) => text + ' '.repeat(length - text.length)

const rows: readonly Row[] = [
  ['a student', { kind: 'ok' }, answer, 1],
  ['a slow student', { kind: 'slow', ms: 200 }, answer, 1],
  ['nothing at all', { kind: 'hang' }, unavailable('timeout'), 1],
  ['a byte now and then', { kind: 'drip', everyMs: 20 }, unavailable('timeout'), 1],
  ['a reset', { kind: 'reset' }, unavailable('connection'), 4],
  ['a closed port', { kind: 'refuse' }, unavailable('connection'), 0],
  ['half a body', { kind: 'truncated' }, unavailable('connection'), 4],
  ['another protocol', { kind: 'garbage', of: 'raw' }, unavailable('connection'), 4],
  ['201', status(201), unavailable('status'), 1],
  ['204', status(204), unavailable('status'), 1],
  ['304', status(304), unavailable('status'), 1],
  ['400', status(400), unavailable('status'), 1],
  ['401', status(401), unavailable('status'), 1],
  ['403', status(403), unavailable('status'), 1],
  ['404', status(404), unavailable('status'), 1],
  ['409', status(409), unavailable('status'), 1],
  ['500', status(500), unavailable('status'), 1],
  ['501', status(501), unavailable('status'), 1],
  ['429', status(429), unavailable('status'), 4],
  ['502', status(502), unavailable('status'), 4],
  ['503', status(503), unavailable('status'), 4],
  ['504', status(504), unavailable('status'), 4],
  [
    'a 500 with a body over the cap',
    { kind: 'status', code: 500, body: 'x'.repeat(2_000_000) },
    unavailable('status'),
    1,
  ],
  ['a 500 without end', { kind: 'too-large', status: 500 }, unavailable('status'), 1],
  ['a redirect', { kind: 'redirect' }, bad, 1],
  ['a redirect to itself', { kind: 'redirect', to: '/fetch-student?identifier=S-1' }, bad, 1],
  ['301', status(301), bad, 1],
  ['308', status(308), bad, 1],
  ['more than a mebibyte, declared', { kind: 'too-large', declared: true }, { ...bad, detail: 'over 1 MiB' }, 1],
  ['bytes without end', { kind: 'too-large' }, { ...bad, detail: 'over 1 MiB' }, 1],
  ['exactly a mebibyte', bytes(padded(1_048_576)), answer, 1],
  ['a byte over a mebibyte', bytes(padded(1_048_577)), bad, 1],
  ['a web page', { kind: 'garbage' }, { ...bad, detail: 'not JSON' }, 1],
  ['an empty body', bytes(''), bad, 1],
  ['null', bytes('null'), bad, 1],
  ['a list', bytes('[]'), bad, 1],
  ['brackets half a million deep', bytes('['.repeat(500_000) + ']'.repeat(500_000)), bad, 1],
  ['another student', { kind: 'wrong-student' }, { ...bad, detail: 'another identifier than asked for' }, 1],
  ['a student without fields', { kind: 'invalid-body' }, bad, 1],
  ['a compressed student', { kind: 'gzip' }, answer, 1],
  ['compressed bytes that nobody declared', bytes(gzipSync(text)), { ...bad, detail: 'not UTF-8' }, 1],
  ['a student as a web page', { kind: 'content-type', value: 'text/html' }, answer, 1],
  ['UTF-8 that claims to be Latin-1', { kind: 'content-type', value: 'text/json; charset=iso-8859-1' }, answer, 1],
  ['a byte order mark', bytes(`\uFEFF${text}`), { ...bad, detail: 'not JSON' }, 1],
  ['Latin-1 bytes', bytes(Buffer.from(text.replace('Asha', 'Jos\u00e9'), 'latin1')), bad, 1],
  ['UTF-16', bytes(Buffer.from(text, 'utf16le')), bad, 1],
  ['the error envelope with 200', bytes(JSON.stringify(refusal('student_not_found').body)), bad, 1],
  ['the success body with 422', bytes(text, 422), bad, 1],
  ['a 422 with a code of its own', bytes('{"status":"error","message":"x","code":"oops"}', 422), bad, 1],
  ['a 422 without a message', bytes('{"status":"error","code":"data_error"}', 422), bad, 1],
  [
    'a key twice',
    bytes(text.replace('{"status"', '{"status":"success","status"')),
    { ...bad, detail: 'a key twice in one object' },
    1,
  ],
  ['an escaped key twice', bytes(text.replace('"grade"', '"gr\\u0061de":"5","grade"')), bad, 1],
  ['fields nobody knows', withStudent({ blood_group: 'O+', __proto: {} }), answer, 1],
  ['numbers for codes and years', withStudent({ grade: 5, academic_year_start: 2026, collector_code: 7 }), bad, 1],
  [
    'numbers for the codes asked',
    withStudent({ grade: 5, academic_year_start: 2026, academic_year_end: 2027, collector_code: 7 }),
    { ...answer, collectorCode: '7' },
    1,
    { ...asked, collector_code: '7' },
  ],
  ['no branch', withStudent({ collector_code: undefined }), { ...answer, collectorCode: null }, 1],
  ['null for what is optional', withStudent({ collector_code: null, date_of_birth: null }), answer, 1],
  ['another branch', withStudent({ collector_code: 'BLR-02' }), bad, 1],
  ['another grade', withStudent({ grade: '05' }), bad, 1],
  ['another year', withStudent({ academic_year_start: '2025' }), bad, 1],
  ['a year with zeros before it', withStudent({ academic_year_start: '002026' }), answer, 1],
  ['a year in words', withStudent({ academic_year_start: '2026-27' }), bad, 1],
  ['a grade that was not asked', withStudent({ grade: '6' }), answer, 1, { identifier: 'S-1' }],
  ['a fractional year', withStudent({ academic_year_end: 2027.5 }), bad, 1],
  ['a date of birth that does not exist', withStudent({ date_of_birth: '2015-02-29' }), bad, 1],
  ['text for a boolean', withStudent({ new_admission: 'false' }), bad, 1],
  ['no contact', withStudent({ primary_contact_name: undefined }), bad, 1],
  ['no fees', withData({ fee_components: undefined }), bad, 1],
  ['nothing owed', withData({ fee_components: [], payment_schedule: [] }), answer, 1],
  ['no schedule', withData({ payment_schedule: undefined }), answer, 1],
  ['a due date that does not exist', withData({ payment_schedule: [{ due_date: '2026-06-31', details: [] }] }), bad, 1],
  ['an instalment without details', withData({ payment_schedule: [{ due_date: '2026-06-30' }] }), bad, 1],
  ['a user without a phone', withData({ user: { name: 'x' } }), bad, 1],
  ['paise', withFee('0.01'), answer, 1],
  ['floating point noise', withFee('10000.300000000001'), answer, 1],
  ['half a paisa', withFee('1.005'), bad, 1],
  ['less than nothing', withFee('-1'), bad, 1],
  ['an amount as text', withFee('"100"'), bad, 1],
  ['more than anybody owes', withFee('10000000000'), bad, 1],
  ['infinity', withFee('1e999'), bad, 1],
  ...(['student_not_found', 'student_discontinued', 'student_transferred', 'data_error'] as const).map(
    (code): Row => [
      `422 ${code}`,
      bytes(JSON.stringify(refusal(code).body), 422),
      { kind: 'answer', status: 422, code },
      1,
    ],
  ),
]

describe('what an ERP does decides what its client says', () => {
  let erp: FakeErp
  let client: ReturnType<typeof testClient>
  let impatient: ReturnType<typeof testClient>
  beforeAll(async () => {
    erp = await fakeErp({ students: new Map([['S-1', [active({ identifier: 'S-1', fullname: 'आशा Rao' })]]]) })
  })
  // No call goes out on a connection that was used before: such a one may be asked twice.
  beforeEach(() => {
    erp.forget()
    client = testClient(erpConfig(erp.url, { timeout_ms: 4_000 }))
    impatient = testClient(erpConfig(erp.url, { timeout_ms: 200 }))
  })
  afterEach(() => Promise.all([client.close(), impatient.close()]))
  afterAll(() => erp.close())

  const cases = rows.map(([title, behaviour, expected, calls, lookup = asked]) => ({
    title,
    behaviour,
    expected,
    calls,
    lookup,
  }))
  test.each(cases)('$title', async ({ behaviour, expected, calls, lookup }) => {
    await erp.behave(behaviour)
    const startedMs = performance.now()
    const asking = expected['cause'] === 'timeout' ? impatient : client
    const outcome: ErpOutcome = await asking.fetch(lookup, 'jodo', startedMs + 6_000)
    expect(outcome).toMatchObject(expected)
    expect(erp.calls()).toBe(calls)
    expect(performance.now() - startedMs).toBeLessThan(3_500)
    await until(() => asking.inFlight() === 0 && erp.open() === 0, 'every call has ended')
  })

  test('the bytes of an answer are the bytes that the ERP sent', async () => {
    const odd = Buffer.from(` ${text.replace('Asha Rao', 'आशा \\u0930ाव')}\n`)
    await erp.behave(bytes(odd))
    const outcome = await client.fetch(asked, 'jodo', performance.now() + 2_000)
    expect(outcome.kind === 'answer' && Buffer.from(outcome.body).equals(odd)).toBe(true)
  })
})
