import {
  changeFee,
  comeBack,
  followedBySchedule,
  grant,
  leave,
  pay,
  removeFee,
  reverse,
  revoke,
  type Step,
  transfer,
  update,
} from './generate-changes.ts'
import { type Erp, say, sayArrival, sayOf, saySchedule, saySnapshot } from './generate-erp.ts'
import { SCHOOL_STEPS } from './generate-school-steps.ts'

const erase: Step = (erp, publisher) => {
  const numbered = publisher.numbered && erp.random.chance(0.5)
  say(erp, publisher, 'erp.student.erased.v1', { student: { identifier: erp.student } }, numbered)
  if (erp.random.chance(0.3)) say(erp, publisher, 'erp.fee.changed.v1', { student: { identifier: erp.student } })
  erp.held.length = 0
  if (erp.random.chance(0.7)) sayArrival(erp, publisher)
}

const snapshot: Step = (erp, publisher) => saySnapshot(erp, publisher, publisher.numbered && erp.random.chance(0.7))

const foreign: Step = (erp, publisher) =>
  void say(erp, publisher, 'com.example.book-lent', { student: { identifier: erp.student } })

const clearSchedule: Step = (erp, publisher, held) => {
  held.schedule = null
  sayOf(erp, publisher, held, 'erp.schedule.cleared.v1')
}

const STEPS: readonly (readonly [weight: number, Step])[] = [
  [14, followedBySchedule(changeFee)],
  [4, followedBySchedule(removeFee)],
  [10, followedBySchedule(grant)],
  [5, followedBySchedule(revoke)],
  [30, pay],
  [7, reverse],
  [6, update],
  [4, saySchedule],
  [2, clearSchedule],
  [3, leave],
  [5, transfer],
  [3, snapshot],
  [2, (erp, publisher) => sayArrival(erp, publisher)],
  [3, foreign],
  [1, erase],
]

/** One more thing happens at the school. */
export const step = (erp: Erp): void => {
  const { random } = erp
  const publisher = random.chance(0.8) ? erp.publishers[0]! : random.pick(erp.publishers)
  const afterAll = random.chance(0.02)
  const reachable = erp.held.filter((held) => afterAll || held.status !== 'transferred')
  if (reachable.length === 0) {
    sayArrival(erp, publisher)
    return
  }
  const held = random.pick(reachable)
  if (held.status !== 'active' && random.chance(0.7)) comeBack(erp, publisher, held)
  else random.weighted([...STEPS, ...SCHOOL_STEPS])(erp, publisher, held)
}
