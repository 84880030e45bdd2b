import { dayOf, type Instant } from './clock.ts'
import { changeMoney, NO_MONEY } from './money-facts.ts'
import { keyOf } from './payload-place.ts'
import { replaceListed } from './snapshot-facts.ts'
import { also, standingOn } from './standing.ts'
import { transfer } from './transfer-facts.ts'
import type { Change, DetailFamily, Enrolment, Payload, Unsettled } from './types.ts'

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

type Of<T extends Change['type']> = Extract<Change, { readonly type: T }>

const applied = (enrolments: Enrolments): Effect => ({ kind: 'applied', enrolments })
const ignored = (enrolments: Enrolments): Effect => ({ kind: 'ignored', enrolments })

/** What an event does to the enrolments, or why it cannot. */
export const effectOf = (enrolments: Enrolments, payload: Payload, context: Context): Effect => {
  switch (payload.type) {
    case 'foreign':
      return ignored(enrolments)
    case 'erased':
      return applied(new Map())
    case 'snapshot':
      return applied(replaceListed(enrolments, payload, context))
    case 'changed':
      return changeAll(enrolments, payload.changes, context)
    default:
      return change(enrolments, payload, context)
  }
}

/** In order, all or none. The first that cannot be done decides. */
const changeAll = (enrolments: Enrolments, changes: readonly Change[], context: Context): Effect => {
  let changed = enrolments
  let kind: 'applied' | 'ignored' = 'ignored'
  for (const [index, one] of changes.entries()) {
    const effect = change(changed, one, { ...context, count: context.count + index / changes.length })
    if (effect.kind === 'orphan' || effect.kind === 'poison') return effect
    if (effect.kind === 'applied') kind = 'applied'
    changed = effect.enrolments
  }
  return { kind, enrolments: changed }
}

const change = (enrolments: Enrolments, payload: Change, context: Context): Effect => {
  const key = keyOf(payload.place)
  const current = enrolments.get(key)
  const withNew = (enrolment: Enrolment) => new Map([...enrolments, [key, enrolment]])
  if (payload.type === 'enrolled') return applied(withNew(enrol(current, payload, context)))
  if (current === undefined) return { kind: 'orphan' }
  switch (payload.type) {
    case 'updated':
      return applied(withNew({ ...current, profile: { ...current.profile, ...payload.changes } }))
    case 'reinstated':
      return applied(withNew(reinstate(current)))
    case 'discontinued':
      return applied(current.transferred === null ? withNew(discontinue(current, payload, context)) : enrolments)
    case 'transferred':
      return transfer(enrolments, current, payload, context)
    case 'money': {
      if (current.transferred !== null) return { kind: 'poison', family: 'transferred_away' }
      const money = changeMoney(current.money, payload.change)
      return money === null ? ignored(enrolments) : applied(withNew({ ...current, money }))
    }
  }
}

const enrol = (former: Enrolment | undefined, payload: Of<'enrolled'>, context: Context): Enrolment => {
  const { place, yearEnd, profile } = payload
  const { source } = context
  const named = { place, yearEnd, profile, owner: source, named: true }
  if (former === undefined) {
    const money = NO_MONEY
    return { ...named, money, leaving: null, transferred: null, unsettled: [], origins: [], leftAsNumber: 0 }
  }
  const standing = standingOn(former, dayOf(context.time, context.timezone)).kind
  const taken: Unsettled[] = !former.named && former.owner !== source ? ['moved'] : []
  if (standing === 'transferred') return { ...back(former, ['moved']), ...named }
  if (standing === 'active') return { ...former, ...named, unsettled: also(former.unsettled, taken) }
  return { ...back(former, ['returned', ...taken], ['announced']), ...named }
}

/** Active again, with these doubts more and those less. */
const back = (former: Enrolment, more: readonly Unsettled[], less: readonly Unsettled[] = []): Enrolment => ({
  ...former,
  leaving: null,
  transferred: null,
  unsettled: also(
    former.unsettled.filter((one) => !less.includes(one)),
    more,
  ),
})

const reinstate = (former: Enrolment): Enrolment =>
  former.transferred === null ? back(former, [], ['returned', 'announced']) : back(former, ['moved'])

/** The last one replaces the former, and decides where a list and an announcement disagreed. */
const discontinue = (former: Enrolment, payload: Of<'discontinued'>, { time, count }: Context): Enrolment => ({
  ...former,
  leaving: { from: payload.effectiveOn, message: payload.message, at: time },
  unsettled: former.unsettled.filter((one) => one !== 'announced'),
  leftAsNumber: count,
})
