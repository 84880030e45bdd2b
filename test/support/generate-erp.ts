import type { Random } from './generate-random.ts'
import { type Held, newFees, newProfile, newSchedule } from './generate-truth.ts'
import { wireFee, wireListed, wirePlace, wireSchedule } from './generate-wire.ts'

/** An event before it has a shape. `bytes` replaces its whole value, `key` its key. */
export type Draft = {
  readonly student: string
  readonly source: string
  readonly id: string
  readonly type: string
  readonly time: string
  readonly sequence?: string | number
  readonly data: unknown
  readonly bytes?: Buffer
  readonly key?: string | null
}

export type Publisher = { readonly source: string; readonly numbered: boolean; next: number }

/** One student as the ERPs see it, and everything they have said of it. */
export type Erp = {
  readonly random: Random
  readonly student: string
  readonly publishers: readonly Publisher[]
  readonly held: Held[]
  readonly said: Draft[]
  count: number
}

const START = Date.parse('2026-05-01T00:00:00Z')

/** Says one event. `numbered: false` leaves the number out even where the publisher counts. */
export const say = (
  erp: Erp,
  publisher: Publisher,
  type: string,
  data: object,
  numbered = publisher.numbered,
): Draft => {
  erp.count += 1
  const time = new Date(START + erp.count * 3_600_000).toISOString()
  const number = publisher.next
  if (numbered) publisher.next += 1
  const draft: Draft = {
    student: erp.student,
    source: publisher.source,
    id: `${erp.student.length}-${erp.count}`,
    type,
    time: erp.random.chance(0.5) ? time : time.replace('Z', '+00:00'),
    ...(numbered ? { sequence: erp.random.pick([number, String(number), `0${number}`]) } : {}),
    data,
  }
  erp.said.push(draft)
  return draft
}

/** Of one enrolment. */
export const sayOf = (erp: Erp, publisher: Publisher, held: Held, type: string, data: object = {}): Draft =>
  say(erp, publisher, type, { student: { identifier: erp.student, ...wirePlace(held) }, ...data })

export const saySchedule = (erp: Erp, publisher: Publisher, held: Held): void => {
  held.schedule = newSchedule(erp.random, held)
  if (held.schedule === null) sayOf(erp, publisher, held, 'erp.schedule.cleared.v1')
  else {
    const payment_schedule = wireSchedule(erp.random, held.schedule)
    sayOf(erp, publisher, held, 'erp.schedule.set.v1', { payment_schedule })
  }
}

export const sayEnrolled = (erp: Erp, publisher: Publisher, held: Held): void => {
  const student = { identifier: erp.student, ...wirePlace(held), academic_year_end: held.yearEnd }
  say(erp, publisher, 'erp.student.enrolled.v1', { student, ...held.profile })
}

/** Everything the ERPs hold, from one of them. */
export const saySnapshot = (erp: Erp, publisher: Publisher, numbered = publisher.numbered): void => {
  const enrolments = erp.held.map((held) => wireListed(erp.random, held))
  say(erp, publisher, 'erp.student.snapshot.v1', { student: { identifier: erp.student }, enrolments }, numbered)
}

const GRADES = ['5', '6', '7', 'KG'] as const
const BRANCHES = ['BLR-01', 'BLR-02', null] as const

/** A place where the student is not yet. Null when all are taken. */
export const freePlace = (erp: Erp): Pick<Held, 'branch' | 'grade' | 'yearStart' | 'yearEnd'> | null => {
  for (let attempt = 0; attempt < 10; attempt++) {
    const yearStart = erp.random.pick(['2026', '2025'])
    const place = { branch: erp.random.pick(BRANCHES), grade: erp.random.pick(GRADES), yearStart }
    const taken = erp.held.some(
      (held) => held.branch === place.branch && held.grade === place.grade && held.yearStart === yearStart,
    )
    if (!taken) return { ...place, yearEnd: yearStart === '2026' ? '2027' : '2026' }
  }
  return null
}

/** The student arrives at a school: enrolled and assessed, with a schedule or without. */
export const sayArrival = (erp: Erp, publisher: Publisher): void => {
  const { random } = erp
  const place = freePlace(erp)
  if (place === null) return
  const held: Held = {
    ...place,
    profile: newProfile(random),
    fees: newFees(random),
    discounts: [],
    payments: [],
    schedule: null,
    status: 'active',
    effectiveOn: null,
  }
  erp.held.push(held)
  if (random.chance(0.2)) {
    held.schedule = random.chance(0.6) ? newSchedule(random, held) : null
    saySnapshot(erp, publisher, publisher.numbered && random.chance(0.6))
    return
  }
  sayEnrolled(erp, publisher, held)
  const fee_components = held.fees.map((fee) => wireFee(random, fee))
  sayOf(erp, publisher, held, 'erp.fees.assessed.v1', { fee_components })
  if (random.chance(0.6)) saySchedule(erp, publisher, held)
}
