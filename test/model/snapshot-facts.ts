import { dayOf } from './clock.ts'
import type { Context, Enrolments } from './facts.ts'
import { keyOf } from './payload-place.ts'
import type { Enrolment, Listed, Payload } from './types.ts'

type Snapshot = Extract<Payload, { readonly type: 'snapshot' }>

/**
 * What belongs to the snapshot's source, or to one that it replaces, and is not listed is gone. What is listed is now
 * the source's, whosever it was.
 */
export const replaceListed = (enrolments: Enrolments, snapshot: Snapshot, context: Context): Enrolments => {
  const { listed, replaces } = snapshot
  const sources = [context.source, ...replaces]
  const active = new Set(listed.filter(({ status }) => status === 'active').map(({ place }) => keyOf(place)))
  /** A copy that nothing has named yet: the list cannot know it, unless it takes the transfer back. */
  const isLeftAlone = ({ named, origins }: Enrolment) => !named && !origins.some((origin) => active.has(origin))
  const stays = [...enrolments].filter(([, one]) => !sources.includes(one.owner) || isLeftAlone(one))
  const fresh = listed.map((one, index): [string, Enrolment] => {
    const key = keyOf(one.place)
    const leftAsNumber = context.count + index / listed.length
    return [key, asListed(one, enrolments.get(key), { ...context, leftAsNumber })]
  })
  return new Map([...stays, ...fresh])
}

type ListedAt = Context & { readonly leftAsNumber: number }

const asListed = (one: Listed, former: Enrolment | undefined, at: ListedAt): Enrolment => ({
  place: one.place,
  yearEnd: one.yearEnd,
  owner: at.source,
  profile: one.profile,
  money: one.money,
  named: true,
  origins: former?.origins ?? [],
  ...leftAs(one, former, at),
})

type Left = Pick<Enrolment, 'leaving' | 'transferred' | 'unsettled' | 'leftAsNumber'>

/** A leaving that is listed without its day keeps the day that was known. */
const leftAs = (one: Listed, former: Enrolment | undefined, { time, timezone, leftAsNumber }: ListedAt): Left => {
  const { status, effectiveOn, message } = one
  const none: Left = { leaving: null, transferred: null, unsettled: [], leftAsNumber }
  if (status === 'active') return none
  if (status === 'transferred') {
    const known = former?.transferred
    if (!known) return { ...none, transferred: { to: null, message, at: time } }
    return { ...none, transferred: { ...known, message }, leftAsNumber: former.leftAsNumber }
  }
  const known = former?.leaving
  if (effectiveOn !== null || !known) return { ...none, leaving: { from: effectiveOn, message, at: time } }
  const isToCome = known.from !== null && known.from > dayOf(time, timezone)
  return {
    ...none,
    leaving: { ...known, message },
    unsettled: isToCome ? ['announced'] : [],
    leftAsNumber: former.leftAsNumber,
  }
}
