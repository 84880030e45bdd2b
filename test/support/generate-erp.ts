import type { Random } from './generate-random.ts'
import { type Held, newFees, newProfile, newSchedule } from './generate-truth.ts'
import { wireFee, wireListed, wirePlace, wireSchedule } from './generate-wire.ts'

/** Changes that wait to be said as one event. */
type Collected = { readonly held: Held; readonly type: string; readonly student: object; readonly data: object }

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
  /** One member of its data is written twice. */
  readonly twice?: boolean
  readonly key?: string | null
}

export type Publisher = { readonly source: string; readonly numbered: boolean; next: number }

/** One student as the ERPs see it, and everything they have said of it. */
export type Erp = {
  readonly random: Random
  readonly student: string
  readonly publishers: Publisher[]
  readonly held: Held[]
  readonly said: Draft[]
  count: number
  /** Null while every change is an event of its own. */
  collected: Collected[] | null
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
  const time = timeAt(erp.count)
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
export const sayOf = (erp: Erp, publisher: Publisher, held: Held, type: string, data: object = {}): void => {
  const student = { identifier: erp.student, ...wirePlace(held) }
  if (erp.collected === null) say(erp, publisher, type, { student, ...data })
  else erp.collected.push({ held, type, student: { ...student, academic_year_end: held.yearEnd }, data })
}

/** What the steps say is said as one event. */
export const sayTogether = (erp: Erp, publisher: Publisher, steps: () => void): void => {
  erp.collected = []
  steps()
  const collected = erp.collected
  erp.collected = null
  const [first] = collected
  if (first === undefined) return
  const changes = collected.map(({ held, type, student, data }) => {
    const isOwn = held === first.held && JSON.stringify(student) === JSON.stringify(first.student)
    return { type, data: isOwn && erp.random.chance(0.7) ? data : { ...data, student } }
  })
  say(erp, publisher, 'erp.student.changed.v1', { student: first.student, changes })
}

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
  if (erp.collected === null) say(erp, publisher, 'erp.student.enrolled.v1', { student, ...held.profile })
  else erp.collected.push({ held, type: 'erp.student.enrolled.v1', student, data: held.profile })
}

/** Everything the ERPs hold, from one of them; as of some hours ago, and in the place of other sources. */
export const saySnapshot = (
  erp: Erp,
  publisher: Publisher,
  numbered = publisher.numbered,
  { hoursAgo = 0, replaces = [] }: { readonly hoursAgo?: number; readonly replaces?: readonly string[] } = {},
): void => {
  const enrolments = erp.held.map((held) => wireListed(erp.random, held))
  const data = { student: { identifier: erp.student }, enrolments, ...(replaces.length > 0 ? { replaces } : {}) }
  const draft = say(erp, publisher, 'erp.student.snapshot.v1', data, numbered)
  if (hoursAgo > 0) erp.said.splice(-1, 1, { ...draft, time: timeAt(erp.count - hoursAgo) })
}

const timeAt = (hours: number): string => new Date(START + hours * 3_600_000).toISOString()

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
    charges: [],
    payments: [],
    schedule: null,
    status: 'active',
    effectiveOn: null,
  }
  erp.held.push(held)
  if (random.chance(0.2)) {
    sayTogether(erp, publisher, () => sayAssessed(erp, publisher, held))
    return
  }
  if (random.chance(0.2)) {
    held.schedule = random.chance(0.6) ? newSchedule(random, held) : null
    saySnapshot(erp, publisher, publisher.numbered && random.chance(0.6))
    return
  }
  sayAssessed(erp, publisher, held)
}

const sayAssessed = (erp: Erp, publisher: Publisher, held: Held): void => {
  sayEnrolled(erp, publisher, held)
  const fee_components = held.fees.map((fee) => wireFee(erp.random, fee))
  sayOf(erp, publisher, held, 'erp.fees.assessed.v1', { fee_components })
  if (erp.random.chance(0.6)) saySchedule(erp, publisher, held)
}
