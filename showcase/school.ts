import type { NewRecord } from '../consumers/ports/log.ts'
import { partitionOf } from '../consumers/ports/partition.ts'

/** The demo's school group: three branches, their students and what their ERPs publish about them. */

export const BRANCHES = ['BLR-01', 'MUM-02', 'DEL-03'] as const
export type Branch = (typeof BRANCHES)[number]
export const PARTITIONS = 16
/** All events' publisher. */
export const SOURCE = '/erp/group'
const GRADES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']
const FIRST = ['Aarav', 'Diya', 'Kabir', 'Meera', 'Rohan', 'Sara', 'Vihaan', 'Anaya', 'Ishaan', 'Zoya']
const LAST = ['Sharma', 'Iyer', 'Khan', 'Patel', 'Das', 'Reddy', 'Nair', 'Singh', 'Bose', 'Rao']
const DUE = ['2027-01-10', '2027-04-10', '2027-07-10']

export type Pupil = {
  readonly id: string
  readonly name: string
  readonly grade: string
  branch: Branch
  sequence: number
  /** Rupees by component, gross. */
  readonly fees: Map<string, number>
  /** Rupees by component. */
  readonly discounts: Map<string, number>
}

/** Small and seeded: every demo plays the same group. */
const random = (() => {
  let state = 20261123
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
})()

const pick = <T>(items: readonly T[]): T => items[random(items.length)]!

export const makePupil = (index: number): Pupil => ({
  id: `S-${1001 + index}`,
  name: `${pick(FIRST)} ${pick(LAST)}`,
  grade: pick(GRADES),
  branch: BRANCHES[index % BRANCHES.length]!,
  sequence: 0,
  fees: new Map([
    ['TUITION_FEE', 30_000 + 500 * random(60)],
    ...(random(3) > 0 ? ([['TRANSPORT_FEE', 6_000 + 300 * random(20)]] as const) : []),
  ]),
  discounts: new Map(),
})

/** One event of a pupil, as its branch's ERP publishes it: numbered, keyed, on the right partition. */
export const say = (topic: string, pupil: Pupil, type: string, data: object): NewRecord => {
  pupil.sequence += 1
  const event = {
    specversion: '1.0',
    id: `${pupil.id}-${pupil.sequence}`,
    source: SOURCE,
    type,
    time: new Date().toISOString(),
    sequence: String(pupil.sequence),
    data: {
      student: {
        identifier: pupil.id,
        grade: pupil.grade,
        academic_year_start: '2026',
        academic_year_end: '2027',
        collector_code: pupil.branch,
      },
      ...data,
    },
  }
  return {
    topic,
    partition: partitionOf(pupil.id, PARTITIONS),
    key: Buffer.from(pupil.id),
    value: Buffer.from(JSON.stringify(event)),
    headers: [['content-type', Buffer.from('application/cloudevents+json')]],
  }
}

/** The publisher is alive; any partition will do. */
export const heartbeat = (topic: string): NewRecord => {
  const event = { specversion: '1.0', source: SOURCE, type: 'erp.heartbeat.v1', time: new Date().toISOString() }
  return {
    topic,
    partition: 0,
    key: null,
    value: Buffer.from(JSON.stringify({ ...event, id: `heartbeat-${event.time}` })),
    headers: [['content-type', Buffer.from('application/cloudevents+json')]],
  }
}

/** An event that nobody can apply: its amount is no money. */
export const broken = (topic: string, pupil: Pupil): NewRecord =>
  say(topic, pupil, 'erp.fee.changed.v1', { component_type: 'TUITION_FEE', amount: 'much' })

/** Three instalments of every component's net, the rest of the division in the first. */
export const schedule = (topic: string, pupil: Pupil): NewRecord => {
  const parts = DUE.map((due_date, index) => ({
    due_date,
    reference_id: `term-${index + 1}`,
    details: [...pupil.fees].map(([component_type, gross]) => {
      const paise = (gross - (pupil.discounts.get(component_type) ?? 0)) * 100
      const third = Math.floor(paise / 3)
      return { component_type, amount: ((index === 0 ? paise - 2 * third : third) / 100).toFixed(2) }
    }),
  }))
  return say(topic, pupil, 'erp.schedule.set.v1', { payment_schedule: parts })
}

export const enrolled = (topic: string, pupil: Pupil): NewRecord =>
  say(topic, pupil, 'erp.student.enrolled.v1', {
    fullname: pupil.name,
    new_admission: random(4) === 0,
    primary_contact_name: `Parent of ${pupil.name}`,
    primary_contact_number: `98${String(10_000_000 + random(89_999_999))}`,
    primary_contact_email: `${pupil.id.toLowerCase()}@parents.example`,
  })

export const assessed = (topic: string, pupil: Pupil): NewRecord =>
  say(topic, pupil, 'erp.fees.assessed.v1', {
    fee_components: [...pupil.fees].map(([component_type, amount]) => ({ component_type, amount })),
  })

/** How a pupil begins: enrolled, assessed, some with a discount, with a schedule, some with a first payment. */
export const beginning = (topic: string, pupil: Pupil): NewRecord[] => {
  const records = [enrolled(topic, pupil), assessed(topic, pupil)]
  if (random(4) === 0) records.push(discount(topic, pupil, 'sibling', 1_000 + 100 * random(20)))
  records.push(schedule(topic, pupil))
  if (random(3) === 0) records.push(payment(topic, pupil, 'first', 2_000 + 50 * random(40)))
  return records
}

export const discount = (topic: string, pupil: Pupil, id: string, rupees: number): NewRecord => {
  pupil.discounts.set('TUITION_FEE', (pupil.discounts.get('TUITION_FEE') ?? 0) + rupees)
  return say(topic, pupil, 'erp.discount.granted.v1', {
    discount_id: id,
    component_type: 'TUITION_FEE',
    amount: rupees,
  })
}

export const payment = (topic: string, pupil: Pupil, id: string, rupees: number): NewRecord =>
  say(topic, pupil, 'erp.payment.recorded.v1', { payment_id: id, amount: rupees, paid_on: '2026-11-20' })

export const feeChange = (topic: string, pupil: Pupil, rupees: number): NewRecord => {
  pupil.fees.set('TUITION_FEE', rupees)
  return say(topic, pupil, 'erp.fee.changed.v1', { component_type: 'TUITION_FEE', amount: rupees })
}

export const transfer = (topic: string, pupil: Pupil, to: Branch): NewRecord => {
  const record = say(topic, pupil, 'erp.student.transferred.v1', { to: { collector_code: to } })
  pupil.branch = to
  return record
}
