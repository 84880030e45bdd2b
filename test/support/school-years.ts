import type { Said } from '../golden/example.ts'
import { as, assessed, discontinued, enrolled, paid, plan, say, transferred } from '../golden/said.ts'

/** How a student comes from one school year into the next. */
export type Promotion = 'enrolled' | 'left' | 'transferred'

/** The student of the year that begins in `year`. */
export const inYear = (year: number) => ({
  grade: String(year - 2015),
  academic_year_start: String(year),
  academic_year_end: String(year + 1),
})

const PROFILE = { date_of_birth: '2011-04-17', custom_identifier: 'ADM-71', user: { name: 'Ravi Rao', phone: '98' } }

const arrival = (year: number, how: Promotion, isFirst: boolean): readonly Said[] => {
  if (isFirst || how === 'enrolled') return [enrolled(PROFILE, inYear(year))]
  if (how === 'transferred') return [transferred(inYear(year), {}, inYear(year - 1))]
  return [discontinued({ effective_on: `${year}-04-01` }, inYear(year - 1)), enrolled(PROFILE, inYear(year))]
}

const INSTALMENT = [
  ['TUITION', 9000],
  ['TRANSPORT', 7500],
  ['LAB', 5000],
] as const
const FEES = [...INSTALMENT.map(([type, amount]) => [type, amount * 4] as const), ['LIBRARY', 1000] as const]

/** A year as schools have them: fees, a concession, four instalments and eight receipts of 4,000. */
const yearOf = (year: number, how: Promotion, isFirst: boolean): readonly Said[] => {
  const concession = { discount_id: 'sibling', component_type: 'LIBRARY', percent: 100 }
  const payment_schedule = plan(
    ...[5, 7, 8, 9].map((month) => [`${year}-0${month}-10`, `r-${year}-${month}`, INSTALMENT] as const),
  )
  return [
    ...arrival(year, how, isFirst),
    assessed(FEES, inYear(year)),
    say('erp.discount.granted.v1', concession, inYear(year)),
    say('erp.schedule.set.v1', { payment_schedule }, inYear(year)),
    ...Array.from({ length: 8 }, (_, at) => paid(`rcpt-${year}-${at}`, 4000, {}, inYear(year))),
  ]
}

/** So many years up to 2026, in the order of their events, with ids and times of their own. */
export const schoolYears = (count: number, how: Promotion): readonly Said[] =>
  Array.from({ length: count }, (_, at) => 2027 - count + at).flatMap((year, index) =>
    yearOf(year, how, index === 0).map((said, at) =>
      as(said, { id: `${year}-${at}`, time: `${year}-04-${String(at + 1).padStart(2, '0')}T09:00:00+05:30` }),
    ),
  )
