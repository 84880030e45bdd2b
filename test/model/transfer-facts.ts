import { dayOf } from './clock.ts'
import type { Context, Effect, Enrolments } from './facts.ts'
import { hasNoMoney, NO_MONEY } from './money-facts.ts'
import { keyOf } from './payload-place.ts'
import { also, standingOn } from './standing.ts'
import type { Change, Enrolment, Unsettled } from './types.ts'

type Transfer = Extract<Change, { readonly type: 'transferred' }>

/** One step: the old enrolment is left, and the target is reached. */
export const transfer = (enrolments: Enrolments, old: Enrolment, payload: Transfer, context: Context): Effect => {
  const target = keyOf(payload.to)
  if (old.transferred !== null) {
    const again = old.transferred.to === target
    return again ? { kind: 'applied', enrolments } : { kind: 'poison', family: 'not_active' }
  }
  const left: Enrolment = {
    ...old,
    leaving: null,
    transferred: { to: target, message: payload.message, at: context.time },
    leftAsNumber: context.count,
  }
  const step: Step = { old, payload, context, day: dayOf(context.time, context.timezone) }
  const former = enrolments.get(target)
  const sameYear = payload.to.yearStart === payload.place.yearStart
  const reached = sameYear ? withinYear(former, step) : intoAnotherYear(former, step)
  return { kind: 'applied', enrolments: new Map([...enrolments, [keyOf(old.place), left], [target, reached]]) }
}

type Step = {
  readonly old: Enrolment
  readonly payload: Transfer
  readonly context: Context
  /** The day of the event's time. */
  readonly day: string
}

/** The money goes along where nothing is in its way. */
const withinYear = (former: Enrolment | undefined, step: Step): Enrolment => {
  const { old, context, day } = step
  const inDoubt: readonly Unsettled[] =
    old.unsettled.length > 0 || standingOn(old, day).kind !== 'active' ? ['moved'] : []
  if (former === undefined || former.transferred !== null) return { ...copyOf(former, step), unsettled: inDoubt }
  const takesMoney =
    standingOn(former, day).kind === 'active' && former.owner === context.source && hasNoMoney(former.money)
  if (!takesMoney) return { ...reached(former, step), unsettled: also(former.unsettled, ['moved']) }
  return { ...reached(former, step), money: old.money, unsettled: also(former.unsettled, inDoubt) }
}

/** Only the profile goes along, and only where there is nothing yet. */
const intoAnotherYear = (former: Enrolment | undefined, step: Step): Enrolment => {
  if (former === undefined) return { ...copyOf(former, step), money: NO_MONEY, unsettled: [] }
  if (standingOn(former, step.day).kind === 'active') return reached(former, step)
  return { ...reached(former, step), transferred: null, unsettled: also(former.unsettled, ['moved']) }
}

/** Everything of the old one in the place of the target. It belongs to the transfer's source, and nothing has named it. */
const copyOf = (former: Enrolment | undefined, { old, payload, context }: Step): Enrolment => ({
  ...old,
  place: payload.to,
  yearEnd: payload.yearEnd ?? old.yearEnd,
  owner: context.source,
  leaving: null,
  transferred: null,
  named: false,
  origins: originsOf(former, old, payload),
})

/** One that exists stays what it is, but that its announced leaving ends. */
const reached = (former: Enrolment, { old, payload }: Step): Enrolment => ({
  ...former,
  leaving: null,
  origins: originsOf(former, old, payload),
})

const originsOf = (former: Enrolment | undefined, old: Enrolment, payload: Transfer): readonly string[] => {
  const all = new Set([...(former?.origins ?? []), ...old.origins, keyOf(old.place)])
  all.delete(keyOf(payload.to))
  return [...all]
}
