import {
  ABSENT,
  type Corpus,
  corpusOf,
  envelope,
  type HostileInput,
  named,
  place,
  profile,
  toJson,
  verbatim,
} from './hostile-input.ts'

const FEE = 'erp.fee.changed.v1'
const WRONG: readonly unknown[] = [ABSENT, null, true, [], {}, '', 1.5, verbatim('1e400'), verbatim('9007199254740993')]

/** Well-formed events whose data breaks a rule, or only looks as if it did. */
export const hostileData = (): readonly HostileInput[] => {
  const corpus = corpusOf('hd')
  codes(corpus)
  texts(corpus)
  snapshots(corpus)
  return [...corpus.inputs, ...identifiers()]
}

const codes = ({ event, inputs }: Corpus): void => {
  const long = 'x'.repeat(129)
  for (const code of [...WRONG, long, verbatim('"\\udc00"')]) {
    event('poison', `component_type ${named(code)}`, FEE, { component_type: code, amount: 1 })
    event('poison', `discount_id ${named(code)}`, 'erp.discount.revoked.v1', { discount_id: code })
    event('poison', `payment_id ${named(code)}`, 'erp.payment.reversed.v1', { payment_id: code })
  }
  for (const code of [7, -7, 0, 9007199254740991, '🐉'.repeat(128), ' ', '__proto__', 'null']) {
    event('applied', `component_type ${named(code)}`, FEE, { component_type: code, amount: 1 })
  }
  for (const field of ['grade', 'academic_year_start']) {
    for (const value of [ABSENT, null, '', {}, long]) {
      const student = { ...place(`hd-${inputs.length}`), [field]: value }
      event('poison', `${field} ${named(value)}`, FEE, { student, component_type: 'BUS', amount: 1 })
    }
  }
  const elsewhere = () => ({ ...place(`hd-${inputs.length}`), grade: 'no such' })
  event('orphan', 'an enrolment that is not there', FEE, { student: elsewhere(), component_type: 'BUS', amount: 1 })
  event('ignored', 'a payment reversed that never was', 'erp.payment.reversed.v1', { payment_id: 'constructor' })
  event('ignored', 'a discount revoked that never was', 'erp.discount.revoked.v1', { discount_id: '__proto__' })
  event('ignored', 'a fee removed that never was', 'erp.fee.removed.v1', { component_type: 'toString' })
}

const texts = ({ event }: Corpus): void => {
  const enrol = (change: object) => ({ ...profile, ...change })
  for (const field of Object.keys(profile)) {
    for (const value of [ABSENT, null, [], {}]) {
      event('poison', `${field} ${named(value)}`, 'erp.student.enrolled.v1', enrol({ [field]: value }))
    }
    event('poison', `${field} updated to null`, 'erp.student.updated.v1', { [field]: null })
  }
  event('poison', 'new_admission as text', 'erp.student.enrolled.v1', enrol({ new_admission: 'true' }))
  event('poison', 'a name of 513 characters', 'erp.student.enrolled.v1', enrol({ fullname: 'x'.repeat(513) }))
  event('applied', 'a name of 512 dragons', 'erp.student.enrolled.v1', enrol({ fullname: '🐉'.repeat(512) }))
  event('applied', 'an empty name', 'erp.student.enrolled.v1', enrol({ fullname: '' }))
  event('any', 'a name with a lone surrogate', 'erp.student.enrolled.v1', enrol({ fullname: verbatim('"\\ud800"') }))
  event('any', 'a name with NUL', 'erp.student.enrolled.v1', enrol({ fullname: '\0' }))
  event('applied', 'a name of script', 'erp.student.enrolled.v1', enrol({ fullname: '</script>"\\\u2028' }))
  event('poison', 'an empty phone', 'erp.student.enrolled.v1', enrol({ primary_contact_number: '' }))
  event('poison', 'a user without a phone', 'erp.student.enrolled.v1', enrol({ user: { name: 'A' } }))
  event('poison', 'a user that is text', 'erp.student.updated.v1', { user: 'A' })
  event('applied', 'a user removed', 'erp.student.updated.v1', { user: null })
  event('applied', 'an update of nothing', 'erp.student.updated.v1', {})
  event('poison', 'a transfer to nowhere', 'erp.student.transferred.v1', { to: {} })
  event('poison', 'a transfer to where it is', 'erp.student.transferred.v1', { to: { grade: 5 } })
  event('poison', 'a transfer without a target', 'erp.student.transferred.v1', {})
  event('poison', 'a transfer to an empty grade', 'erp.student.transferred.v1', { to: { grade: '' } })
}

const snapshots = ({ event }: Corpus): void => {
  const SNAPSHOT = 'erp.student.snapshot.v1'
  const { identifier: _, ...where } = place('')
  const listed = (change: object = {}) => ({ ...where, ...profile, status: 'active', ...change })
  const discount = { discount_id: 'd', component_type: 'BUS', amount: 1 }
  const payment = { payment_id: 'p', amount: 1, paid_on: '2026-06-01' }
  const bad: unknown[] = [
    ABSENT,
    null,
    {},
    [1],
    [{}],
    [listed({ status: 'gone' })],
    [listed({ status: ABSENT })],
    [listed(), listed()],
    [listed({ collector_code: null }), listed()],
    [listed({ academic_year_end: ABSENT })],
    [listed({ payment_schedule: [] })],
    [listed({ discounts: [discount, discount] })],
    [listed({ payments: [payment, payment] })],
    [listed({ fullname: null })],
    [listed({ effective_on: 'soon' })],
  ]
  for (const enrolments of bad) event('poison', `enrolments ${named(enrolments)}`, SNAPSHOT, { enrolments })
  event('applied', 'a snapshot of nothing', SNAPSHOT, { enrolments: [] })
  event('applied', 'a snapshot with empty lists', SNAPSHOT, {
    enrolments: [listed({ fee_components: [], discounts: [], payments: [] })],
  })
}

/** Identifiers that are none, under a key that is one; and strange ones that are. */
const identifiers = (): HostileInput[] => {
  const fee = (identifier: unknown, id: string) =>
    Buffer.from(toJson(envelope(id, FEE, { student: place(identifier), component_type: 'BUS', amount: 1 })))
  const bad: unknown[] = [
    '',
    'x'.repeat(129),
    'a\0b',
    'a\nb',
    '\u0085',
    '\u007f',
    verbatim('"\\ud83d"'),
    1.5,
    1e300,
    true,
    [],
    {},
    null,
  ]
  const good: (string | number)[] = [
    '__proto__',
    'constructor',
    ' ',
    ' a ',
    '007',
    2026,
    '🐉'.repeat(128),
    'a/b?c#d',
    '%00',
    '"\\',
    '{tag}',
    '\u200b',
    'é',
    'e\u0301',
  ]
  return [
    ...bad.map((identifier, index) => {
      const student = `hd-id-${index}`
      const name = `identifier ${named(identifier)}`
      return {
        name,
        student,
        headers: [],
        key: Buffer.from(student),
        value: fee(identifier, student),
        expect: 'poison' as const,
      }
    }),
    ...good.map((identifier) => {
      const student = String(identifier)
      const name = `identifier ${named(identifier)}`
      return {
        name,
        student,
        headers: [],
        key: Buffer.from(student),
        value: fee(identifier, student),
        expect: 'applied' as const,
      }
    }),
  ]
}
