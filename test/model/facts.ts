import { standingOn } from './answer.ts'
import { dayOf, type Instant } from './clock.ts'
import { changeMoney } from './money-facts.ts'
import { keyOf } from './payload.ts'
import type { DetailFamily, Enrolment, Money, Payload } from './types.ts'

/** A student's enrolments by their key. Replaced as a whole by every event, never changed in place. */
export type Enrolments = ReadonlyMap<string, Enrolment>

export type Effect =
  | { readonly kind: 'applied' | 'ignored'; readonly enrolments: Enrolments }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'poison'; readonly family: DetailFamily }

export type Context = {
  readonly source: string
  readonly time: Instant
  readonly timezone: string
  /** Grows with every event applied to the student. */
  readonly count: number
}

const NO_MONEY: Money = {
  assessed: false,
  awaitsSnapshot: false,
  fees: [],
  discounts: [],
  payments: [],
  schedule: null,
}

const applied = (enrolments: Enrolments): Effect => ({ kind: 'applied', enrolments })
const ignored = (enrolments: Enrolments): Effect => ({ kind: 'ignored', enrolments })

const active = { leavings: [], transferred: null } as const

type Of<T extends Payload['type']> = Extract<Payload, { readonly type: T }>

/** What an event does to the enrolments, or why it cannot. */
export const effectOf = (enrolments: Enrolments, payload: Payload, context: Context): Effect => {
  if (payload.type === 'foreign') return ignored(enrolments)
  if (payload.type === 'erased') return applied(new Map())
  if (payload.type === 'snapshot') return applied(replaceListed(enrolments, payload, context))
  if (payload.type === 'enrolled') return applied(enrol(enrolments, payload, context))
  const key = keyOf(payload.place)
  const current = enrolments.get(key)
  if (current === undefined) return { kind: 'orphan' }
  const withNew = (enrolment: Enrolment) => new Map([...enrolments, [key, enrolment]])
  switch (payload.type) {
    case 'updated':
      return applied(withNew({ ...current, profile: { ...current.profile, ...payload.changes } }))
    case 'reinstated':
      return applied(withNew(makeActive(current)))
    case 'discontinued':
      return applied(current.transferred === null ? withNew(announce(current, payload, context)) : enrolments)
    case 'transferred':
      return transfer(enrolments, current, payload, context)
    case 'money': {
      if (current.transferred !== null) return { kind: 'poison', family: 'transferred_away' }
      const money = changeMoney(current.money, payload.change)
      return money === null ? ignored(enrolments) : applied(withNew({ ...current, money }))
    }
  }
}

/** One that had been transferred away left its money behind: nobody knows what holds now, until a snapshot tells. */
const makeActive = (enrolment: Enrolment): Enrolment => ({
  ...enrolment,
  ...active,
  money: { ...enrolment.money, awaitsSnapshot: enrolment.money.awaitsSnapshot || enrolment.transferred !== null },
})

const enrol = (enrolments: Enrolments, payload: Of<'enrolled'>, { source }: Context): Enrolments => {
  const { place, yearEnd, profile } = payload
  const key = keyOf(place)
  const former = enrolments.get(key)
  const enrolment: Enrolment =
    former === undefined
      ? { place, yearEnd, owner: source, profile, money: NO_MONEY, leftAsNumber: 0, ...active }
      : { ...makeActive(former), yearEnd, owner: source, profile }
  return new Map([...enrolments, [key, enrolment]])
}

/** The last leaving replaces the former; but a former that was in force on the day holds on until the new one's date. */
const announce = (enrolment: Enrolment, payload: Of<'discontinued'>, context: Context): Enrolment => {
  const day = dayOf(context.time, context.timezone)
  const leaving = { from: payload.effectiveOn, message: payload.message, at: context.time }
  const inForce = enrolment.leavings.filter(({ from }) => from === null || from <= day)
  const former = payload.effectiveOn === null ? [] : inForce
  return { ...enrolment, leavings: [...former, leaving], leftAsNumber: context.count }
}

const transfer = (enrolments: Enrolments, old: Enrolment, payload: Of<'transferred'>, context: Context): Effect => {
  const targetKey = keyOf(payload.to)
  if (old.transferred?.to === targetKey) return applied(enrolments)
  const day = dayOf(context.time, context.timezone)
  if (standingOn(old, day).kind !== 'active') return { kind: 'poison', family: 'not_active' }
  const target = enrolments.get(targetKey)
  const left: Enrolment = {
    ...old,
    leavings: [],
    transferred: { to: targetKey, message: payload.message, at: context.time },
    leftAsNumber: context.count,
  }
  const reached: Enrolment =
    target === undefined || target.transferred !== null
      ? { ...old, ...active, place: payload.to, yearEnd: payload.yearEnd ?? old.yearEnd, owner: context.source }
      : standingOn(target, day).kind === 'active'
        ? { ...target, leavings: [] }
        : { ...target, ...active, money: { ...target.money, awaitsSnapshot: true } }
  return applied(new Map([...enrolments, [keyOf(old.place), left], [targetKey, reached]]))
}

/** What belongs to the snapshot's source and is not listed is gone; what is listed is now the source's, whosever it was. */
const replaceListed = (enrolments: Enrolments, { listed }: Of<'snapshot'>, context: Context): Enrolments => {
  const others = [...enrolments].filter(([, enrolment]) => enrolment.owner !== context.source)
  const fresh = listed.map((one, index): [string, Enrolment] => [
    keyOf(one.place),
    {
      place: one.place,
      yearEnd: one.yearEnd,
      owner: context.source,
      profile: one.profile,
      money: one.money,
      leavings:
        one.status === 'discontinued' ? [{ from: one.effectiveOn, message: one.message, at: context.time }] : [],
      transferred: one.status === 'transferred' ? { to: null, message: one.message, at: context.time } : null,
      leftAsNumber: context.count + index / listed.length,
    },
  ])
  return new Map([...others, ...fresh])
}
