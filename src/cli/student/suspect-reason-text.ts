import type { EnrolmentKey } from '../../../projections/events/enrolment-key.ts'
import type { LogPosition } from '../../../projections/events/event.ts'
import { OTHER_SOURCES } from '../../../projections/sequence/floods.ts'
import type { SuspectReason } from '../../../projections/sequence/suspect-reasons.ts'
import { countOf, type Intervals } from '../../../projections/values/intervals.ts'
import { plural } from '../command/output.ts'

/** A reason for suspicion, and what would heal it. */
export type SuspectReasonText = { readonly why: string; readonly heals: string }

export const placeText = ({ partition, offset }: LogPosition): string => `${partition}:${offset}`

export const enrolmentText = ({ collectorCode, grade, yearStart }: EnrolmentKey): string =>
  `${collectorCode ?? 'no branch'} · grade ${grade} · ${yearStart}`

export const suspectReasonText = (doubt: SuspectReason): SuspectReasonText => {
  switch (doubt.kind) {
    case 'gap': {
      const isOne = countOf(doubt.missing) === 1n
      return {
        why: `${doubt.source}: ${rangesText(doubt.missing)} ${isOne ? 'has' : 'have'} not come${waiting(doubt.held)}`,
        heals: `publish ${isOne ? 'it' : 'them'}, or a snapshot from ${doubt.source}; or "npx pullgate student settle IDENTIFIER --missing ${doubt.source}"`,
      }
    }
    case 'orphans': {
      const events = doubt.waiting.map(({ place, type }) => `${type} (${placeText(place)})`).join(', ')
      return {
        why: `there is no enrolment ${enrolmentText(doubt.enrolment)}; for it ${doubt.waiting.length === 1 ? 'waits' : 'wait'} ${events}`,
        heals: 'publish what creates it: an enrolment, a transfer to it, or a snapshot that lists it',
      }
    }
    case 'flood': {
      const { source, count } = doubt.flood
      const whose = source === null ? 'an unknown source' : source === OTHER_SOURCES ? 'various sources' : source
      const snapshot = source === OTHER_SOURCES ? '' : `a snapshot of ${source ?? 'any source'}, or `
      return {
        why: `flooded: ${plural(count, 'dead letter', 'dead letters')} of ${whose} beyond those that are known one by one`,
        heals: `${snapshot}"npx pullgate dlq discard IDENTIFIER --all --force", which settles all of them`,
      }
    }
    case 'letter': {
      const { place, reason, detail, source, sequence } = doubt.letter
      const number = typeof sequence === 'bigint' ? ` #${sequence}` : sequence === null ? '' : ' (number unreadable)'
      const at = placeText(place)
      return {
        why: `dead letter ${at} (${reason}, ${detail}) of ${source ?? 'an unknown source'}${number}${waiting(doubt.held)}`,
        heals: `${REMEDY[reason]}; or a snapshot; or "npx pullgate dlq replay --at ${at}" or "dlq discard --at ${at}"`,
      }
    }
  }
}

const MOST_RANGES = 10

/** `#2, #5–#9`, the first few. */
export const rangesText = (intervals: Intervals): string => {
  const texts = intervals
    .slice(0, MOST_RANGES)
    .map(([first, last]) => (first === last ? `#${first}` : `#${first}–#${last}`))
  return texts.join(', ') + (intervals.length > MOST_RANGES ? ', …' : '')
}

const REMEDY = {
  poison: 'publish it rightly under the same id or number',
  conflict: 'find out which is true, this ("npx pullgate dlq show") or what was accepted before ("student history")',
  overflow: 'publish what the waiting ones wait for, then replay it',
} as const

const waiting = (held: readonly LogPosition[]): string =>
  held.length === 0 ? '' : `; ${plural(held.length, 'later event waits', 'later events wait')} (${few(held)})`

const few = (places: readonly LogPosition[]): string =>
  places.slice(0, 5).map(placeText).join(', ') + (places.length > 5 ? ', …' : '')
