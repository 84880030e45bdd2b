import { ABSENT, type Corpus, corpusOf, type HostileInput, named, verbatim } from './hostile-input.ts'

const FEE = 'erp.fee.changed.v1'
const PAID = 'erp.payment.recorded.v1'
const GRANTED = 'erp.discount.granted.v1'
const PLAN = 'erp.schedule.set.v1'

/** Money and its dates: amounts, percents, payments and schedules that are none, or only look strange. */
export const hostileMoney = (): readonly HostileInput[] => {
  const corpus = corpusOf('hm')
  amounts(corpus)
  percents(corpus)
  dates(corpus)
  payments(corpus)
  schedules(corpus)
  return corpus.inputs
}

const amounts = ({ event }: Corpus): void => {
  const bad: unknown[] = [
    ABSENT,
    null,
    '',
    ' ',
    '-1',
    '-0',
    '+5',
    '.5',
    '5.',
    '1e2',
    '1E2',
    '1.005',
    '1.000',
    '0x10',
    '1,000',
    '1 000',
    ' 1',
    '1 ',
    '1\n',
    '١٢',
    '１',
    '₹5',
    'NaN',
    'Infinity',
    '10000000000',
    '10000000000.00',
    '9999999999.999',
    '1.2.3',
    '--1',
    -1,
    -0.01,
    1.005,
    0.001,
    10000000000,
    verbatim('1e21'),
    verbatim('1e400'),
    verbatim('-1e400'),
    verbatim('5e-324'),
    verbatim('9223372036854775808'),
    verbatim('0.1000000000000001'),
    true,
    [],
    [1],
    {},
    { valueOf: 1 },
  ]
  for (const amount of bad) event('poison', `amount ${named(amount)}`, FEE, { component_type: 'BUS', amount })
  const good: unknown[] = [
    0,
    '0',
    '0.0',
    '0.00',
    '000',
    '100.5',
    '100.50',
    '0100.50',
    '9999999999.99',
    9999999999.99,
    0.07,
    1.15,
    100.1,
    '5.0',
    verbatim('1e2'),
    verbatim('1E+2'),
    verbatim('100.10000000000000001'),
    verbatim('1.0'),
    verbatim('1.10'),
    verbatim('150e-1'),
  ]
  for (const amount of good) event('applied', `amount ${named(amount)}`, FEE, { component_type: 'BUS', amount })
  event('any', 'amount -0 as a number', FEE, { component_type: 'BUS', amount: verbatim('-0') })
}

const percents = ({ event }: Corpus): void => {
  const grant = (worth: object) => ({ discount_id: 'd', component_type: 'BUS', ...worth })
  const bad: unknown[] = [
    '',
    '-1',
    '100.0001',
    '101',
    '1.00001',
    '50%',
    '1e1',
    101,
    -1,
    0.00001,
    33.33333,
    true,
    [],
    {},
  ]
  for (const percent of bad) event('poison', `percent ${named(percent)}`, GRANTED, grant({ percent }))
  for (const percent of [0, '0', 100, '100', '100.0000', 33.3333, '0.0001', 0.0001]) {
    event('applied', `percent ${named(percent)}`, GRANTED, grant({ percent }))
  }
  event('poison', 'neither amount nor percent', GRANTED, grant({}))
  event('poison', 'both amount and percent', GRANTED, grant({ amount: 1, percent: 1 }))
  event('applied', 'an amount and a null percent', GRANTED, grant({ amount: 1, percent: null }))
}

const dates = ({ event }: Corpus): void => {
  const pay = (paid_on: unknown) => ({ payment_id: 'p', amount: 1, paid_on })
  const bad: unknown[] = [
    ABSENT,
    null,
    '',
    '2026-02-29',
    '2026-02-30',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '2026/01/01',
    '2026-01-01T00:00:00Z',
    ' 2026-01-01',
    '2026-01-01\n',
    '20260101',
    20260101,
    '12026-01-01',
    '２０２６-01-01',
    {},
    [],
    true,
  ]
  for (const date of bad) event('poison', `paid_on ${named(date)}`, PAID, pay(date))
  for (const date of ['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31']) {
    event('applied', `paid_on ${date}`, PAID, pay(date))
  }
  event('poison', 'a leaving on no day', 'erp.student.discontinued.v1', { effective_on: '2026-06-31' })
  event('poison', 'a birth on no day', 'erp.student.updated.v1', { date_of_birth: '2015-02-29' })
}

const payments = ({ event }: Corpus): void => {
  const pay = (change: object) => ({ payment_id: 'p', amount: 10, paid_on: '2026-06-01', ...change })
  const part = (amount: unknown, change: object = {}) => ({ component_type: 'BUS', amount, ...change })
  for (const allocations of [
    {},
    'x',
    [1],
    [null],
    [[]],
    [{}],
    [part(-1)],
    [part(10), part('0.01')],
    [part(1, { reference_id: '' })],
  ]) {
    event('poison', `allocations ${named(allocations)}`, PAID, pay({ allocations }))
  }
  for (const collected_by of ['', 'Jodo', 'school', 1, {}]) {
    event('poison', `collected_by ${named(collected_by)}`, PAID, pay({ collected_by }))
  }
  event('applied', 'no allocations in a list', PAID, pay({ allocations: [] }))
  event('applied', 'nulls for what is optional', PAID, pay({ allocations: null, collected_by: null }))
  event('applied', 'allocations that sum to the amount', PAID, pay({ allocations: [part(9.99), part(0.01)] }))
}

const schedules = ({ event }: Corpus): void => {
  const entry = (change: object = {}) => ({
    due_date: '2026-07-01',
    details: [{ component_type: 'BUS', amount: 1 }],
    ...change,
  })
  const detail = { component_type: 'BUS', amount: 1 }
  const bad: unknown[] = [
    ABSENT,
    null,
    [],
    {},
    [[]],
    [entry({ details: [] })],
    [entry({ details: ABSENT })],
    [entry({ due_date: ABSENT })],
    [entry({ details: [detail, detail] })],
    [entry({ reference_id: '' })],
    [entry({ reference_id: 'r' }), entry({ reference_id: 'r' })],
    [entry({ reference_id: 7 }), entry({ reference_id: '7' })],
    [entry({ is_downpayment: 'yes' })],
    [entry({ identifier: {} })],
  ]
  for (const payment_schedule of bad) event('poison', `schedule ${named(payment_schedule)}`, PLAN, { payment_schedule })
  event('applied', 'entries without references', PLAN, { payment_schedule: [entry(), entry({ reference_id: null })] })
  event('poison', 'fees with one twice', 'erp.fees.assessed.v1', { fee_components: [detail, detail] })
  for (const fee_components of [ABSENT, null, {}, [1], [{}]]) {
    event('poison', `fees ${named(fee_components)}`, 'erp.fees.assessed.v1', { fee_components })
  }
}
