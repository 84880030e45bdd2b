import { HEARTBEAT, isEventType, RESOLVED } from '../../projections/events/event.ts'
import { isAttribute } from '../../projections/events/fields.ts'
import type { Broken } from '../../projections/sequence/incoming-record.ts'
import { parseMoment } from '../../projections/values/calendar.ts'
import { atMost, momentAt } from '../../projections/values/moment.ts'
import type { LogRecord } from '../ports/log.ts'
import type { RawEvent } from './envelope.ts'
import { contentOf, identityOf, parseSequence } from './read-envelope.ts'
import type { RejectReason } from './reject-reasons.ts'

/** As much of a bad event as can be read. */
export const brokenOf = (
  { partition, offset, timestampMs }: LogRecord,
  attributes: RawEvent['attributes'] | null,
  { content, about }: { readonly content: unknown; readonly about: Broken['about'] },
  { detail, where }: { readonly detail: RejectReason; readonly where: string },
): Broken => {
  const source = isAttribute(attributes?.source) ? attributes.source : null
  const id = isAttribute(attributes?.id) ? attributes.id : null
  const time = parseMoment(attributes?.time)
  const type = attributes?.type
  const isKnown = typeof type === 'string' && (isEventType(type) || type === HEARTBEAT || type === RESOLVED)
  return {
    kind: 'broken',
    place: { partition, offset },
    type: isKnown ? type : 'unknown',
    detail,
    where,
    at: time === null ? momentAt(timestampMs) : atMost(time, timestampMs),
    about,
    source,
    identity: source !== null && id !== null ? identityOf(source, id) : null,
    content: attributes === null ? null : contentOf(attributes, content),
    sequence: attributes === null ? 'unreadable' : parseSequence(attributes.sequence),
  }
}
