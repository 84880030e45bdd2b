import type { Draft } from './generate-erp.ts'
import type { Random } from './generate-random.ts'

type Broken = Partial<Omit<Draft, 'student'>>
type Breaker = (random: Random, draft: Draft) => Broken

const withData =
  (change: (data: Record<string, unknown>) => void): Breaker =>
  (_, draft) => {
    const data = structuredClone(draft.data) as Record<string, unknown>
    change(data)
    return { data }
  }

const setInStudent = (name: string, value: unknown): Breaker =>
  withData((data) => Object.assign((data['student'] ?? {}) as object, { [name]: value }))

/** Ways to break an event so that it is poison whatever it was. */
const BREAKERS: readonly Breaker[] = [
  (random) => ({ type: random.pick(['erp.unknown.v1', 'erp.student.enrolled.v2', 'erp.', 'erp.fee.changed']) }),
  (random) => ({ time: random.pick(['yesterday', '2026-02-30T00:00:00Z', '2026-06-01T00:00:00', '2026-06-01']) }),
  (_, draft) => ({ bytes: Buffer.from(JSON.stringify(draft.data).slice(0, -3)) }),
  () => ({ bytes: Buffer.from([0xff, 0xfe, 0x7b, 0x7d]) }),
  () => ({ bytes: Buffer.from([0, 0, 0, 0, 7, 0x10, 0x4a, 0x6f, 0x68, 0x6e]) }),
  () => ({ bytes: Buffer.alloc(0) }),
  () => ({ data: [] }),
  () => ({ data: 'text' }),
  setInStudent('identifier', ''),
  setInStudent('identifier', 'a\u0000b'),
  (random) => ({
    type: 'erp.fee.changed.v1',
    data: { amount: random.pick(['1e2', 1.005, -1, '+5', '.5', NaN, 1e10]) },
  }),
  (random) => ({ sequence: random.pick(['abc', '0', '-1', '1.5', '9223372036854775808', 0, 1.5]) }),
  (_, draft) => ({ type: 'erp.payment.recorded.v1', data: { ...(draft.data as object), payment_id: 'p', amount: 1 } }),
  (_, draft) => ({ type: 'erp.schedule.set.v1', data: { ...(draft.data as object), payment_schedule: [] } }),
]

/** Types that look like ours, a name that is written twice, and a bad change among good ones. */
const LATER_BREAKERS: readonly Breaker[] = [
  (random) => ({
    type: random.pick(['ERP.fee.changed.v1', ' erp.fee.changed.v1', '"erp.fee.changed.v1"', 'Pullgate.x', '']),
  }),
  (_, draft) => (JSON.stringify(draft.data).includes('"grade":') ? { twice: true } : { type: '' }),
  (random, draft) => {
    const data = structuredClone(draft.data) as { student?: object; changes?: { type: string; data: object }[] }
    const changes = data.changes ?? [{ type: 'erp.fee.changed.v1', data: { component_type: 'BUS', amount: 1 } }]
    const bad = random.pick([
      { type: 'erp.student.changed.v1', data: {} },
      { type: 'com.example.tick', data: {} },
      { type: 'erp.fee.changed.v1', data: { component_type: 'BUS', amount: -1 } },
    ])
    changes.splice(random.below(changes.length + 1), 0, bad)
    return { type: 'erp.student.changed.v1', data: { student: data.student, changes } }
  },
]

/** The same event, broken: under its own id and number, unless it is one of these that is broken. */
export const broken = (random: Random, draft: Draft): Draft => ({
  ...draft,
  ...random.pick([...BREAKERS, ...LATER_BREAKERS])(random, draft),
})
