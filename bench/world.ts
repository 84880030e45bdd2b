import type { NewRecord } from '../consumers/ports/log.ts'
import { partitionOf } from '../consumers/ports/partition.ts'

/**
 * A school group of real shape for benchmarks: as many students as asked, the same each time. A student begins with
 * enrolment, fees and a schedule, and then lives: payments, discounts, fee changes with the schedules that follow them.
 */

export const PARTITIONS = 16
const DUE = [
  ...['2026-12-10', '2027-01-10', '2027-02-10', '2027-03-10', '2027-04-10'],
  ...['2027-05-10', '2027-06-10', '2027-07-10', '2027-08-10', '2027-09-10'],
]
const TYPES = [
  ...['TUITION_FEE', 'TRANSPORT_FEE', 'LAB_FEE', 'MEAL_FEE'],
  ...['LIBRARY_FEE', 'HOSTEL_FEE', 'SPORTS_FEE', 'EXAM_FEE', 'ART_FEE', 'CAUTION_DEPOSIT'],
]
/** What the month-end fee run puts on a student's first component. */
export const FEE_RISE_PAISE = 250_000

type Pupil = {
  readonly id: string
  readonly branch: string
  readonly instalments: number
  sequence: number
  readonly paise: number[]
  discount: number
}

export const idOf = (index: number): string => `STU-2026-${String(index).padStart(7, '0')}`
export const indexOf = (id: string): number => Number(id.slice(-7))

export const branchOf = (index: number): string => `BR-${String(index % 300).padStart(3, '0')}`

/** How many fee components and instalments a student has: what the size of its answer comes from. */
export type Shape = (index: number) => { readonly components: number; readonly instalments: number }

/** Answers of 0.9 to 2.7 KB. */
export const evenShape: Shape = (index) => ({
  components: 1 + (index % 5),
  instalments: 3 + (idOf(index).charCodeAt(idOf(index).length - 1) % 5),
})

/** Answers of 0.6 to 6 KB: one student in twenty pays one fee in two parts, one ten fees in ten. */
export const wideShape: Shape = (index) => {
  if (index % 20 === 3) return { components: 1, instalments: 2 }
  if (index % 20 === 11) return { components: 10, instalments: 10 }
  return evenShape(index)
}

/** The gross amounts with which a student begins. */
const firstPaise = (index: number, shape: Shape): number[] =>
  Array.from({ length: shape(index).components }, (_, at) => (at === 0 ? 3_000_000 : 600_000) + 50_000 * (index % 17))

/** What a student owes who has only begun. */
export const firstDuePaise = (index: number, shape: Shape): number =>
  firstPaise(index, shape).reduce((sum, paise) => sum + paise, 0)

/** mulberry32: small, seeded. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export type World = {
  /** The events with which a student begins: three. */
  readonly begin: (index: number) => NewRecord[]
  /** A payment: it never takes the student's facts apart. */
  readonly pay: (index: number) => NewRecord
  /** The month-end fee run: the first component rises by `FEE_RISE_PAISE`, and the schedule follows. */
  readonly raise: (index: number) => NewRecord[]
  /** The next event of a student's life, by the chances of a school year. */
  readonly live: (index: number) => NewRecord
}

export const world = (topic: string, seed = 1, partitions = PARTITIONS, shape: Shape = evenShape): World => {
  const random = randomFrom(seed)
  const pupils = new Map<number, Pupil>()

  const pupilOf = (index: number): Pupil => {
    const known = pupils.get(index)
    if (known) return known
    const pupil = {
      id: idOf(index),
      branch: branchOf(index),
      instalments: shape(index).instalments,
      sequence: 0,
      paise: firstPaise(index, shape),
      discount: 0,
    }
    pupils.set(index, pupil)
    return pupil
  }

  const say = (pupil: Pupil, type: string, data: object): NewRecord => {
    pupil.sequence += 1
    const event = {
      specversion: '1.0',
      id: `${pupil.id}-${pupil.sequence}`,
      source: `/erp/${pupil.branch}`,
      type,
      time: new Date(Date.UTC(2026, 5, 1) + pupil.sequence * 60_000).toISOString(),
      sequence: String(pupil.sequence),
      data: {
        student: {
          identifier: pupil.id,
          grade: '7',
          academic_year_start: '2026',
          academic_year_end: '2027',
          collector_code: pupil.branch,
        },
        ...data,
      },
    }
    return {
      topic,
      partition: partitionOf(pupil.id, partitions),
      key: Buffer.from(pupil.id),
      value: Buffer.from(JSON.stringify(event)),
      headers: [['content-type', Buffer.from('application/cloudevents+json')]],
    }
  }

  /** In as many instalments as fit the student, what does not divide in the first. */
  const schedule = (pupil: Pupil): NewRecord => {
    const count = pupil.instalments
    const payment_schedule = DUE.slice(0, count).map((due_date, at) => ({
      due_date,
      reference_id: `term-${at + 1}`,
      details: pupil.paise.map((gross, component) => {
        const net = gross - (component === 0 ? pupil.discount : 0)
        const part = Math.floor(net / count)
        return {
          component_type: TYPES[component],
          amount: ((at === 0 ? net - part * (count - 1) : part) / 100).toFixed(2),
        }
      }),
    }))
    return say(pupil, 'erp.schedule.set.v1', { payment_schedule })
  }

  const pay = (pupil: Pupil): NewRecord =>
    say(pupil, 'erp.payment.recorded.v1', {
      payment_id: `rcpt-${pupil.sequence}`,
      amount: (100_000 + Math.floor(random() * 200_000)) / 100,
      paid_on: '2026-11-20',
      ...(random() < 0.3 && { allocations: [{ component_type: TYPES[0], amount: 500, reference_id: 'term-1' }] }),
    })

  return {
    pay: (index) => pay(pupilOf(index)),
    begin: (index) => {
      const pupil = pupilOf(index)
      return [
        say(pupil, 'erp.student.enrolled.v1', {
          fullname: `Student Number ${index}`,
          new_admission: index % 5 === 0,
          primary_contact_name: `Parent of Number ${index}`,
          primary_contact_number: `98${String(10_000_000 + index)}`,
          primary_contact_email: `parent.${index}@families.example`,
          date_of_birth: '2015-04-17',
          custom_identifier: `ADM/${index}`,
        }),
        say(pupil, 'erp.fees.assessed.v1', {
          fee_components: pupil.paise.map((amount, at) => ({ component_type: TYPES[at], amount: amount / 100 })),
        }),
        schedule(pupil),
      ]
    },
    raise: (index) => {
      const pupil = pupilOf(index)
      pupil.paise[0] = pupil.paise[0]! + FEE_RISE_PAISE
      return [
        say(pupil, 'erp.fee.changed.v1', { component_type: TYPES[0], amount: pupil.paise[0] / 100 }),
        schedule(pupil),
      ]
    },
    live: (index) => {
      const pupil = pupilOf(index)
      const chance = random()
      if (chance < 0.5) return pay(pupil)
      if (chance < 0.6) {
        pupil.discount = 10_000 * (1 + Math.floor(random() * 20))
        return say(pupil, 'erp.discount.granted.v1', {
          discount_id: 'sibling',
          component_type: TYPES[0],
          amount: pupil.discount / 100,
        })
      }
      if (chance < 0.8) {
        pupil.paise[0] = 2_000_000 + 10_000 * Math.floor(random() * 200)
        return say(pupil, 'erp.fee.changed.v1', { component_type: TYPES[0], amount: pupil.paise[0]! / 100 })
      }
      return schedule(pupil)
    },
  }
}
