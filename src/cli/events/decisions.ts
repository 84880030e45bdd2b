import { resolutionData } from '../../../consumers/events/resolution.ts'
import type { PortableRecord } from '../../../consumers/history/ndjson.ts'

/**
 * An operator's decision names dead letters by position, and another log has other positions. The positions are listed
 * before the publication and corrected when the letters have their new ones.
 */
export const placesNamed = (record: PortableRecord): readonly string[] =>
  [...lettersOf(eventOf(record)), ...waitingOf(eventOf(record))].map(
    ({ partition, offset }) => `${partition}:${offset}`,
  )

/** `lost`: letters whose new place is not known; they point nowhere. */
export const withNewPlaces = (
  record: PortableRecord,
  topic: string,
  partition: number,
  placeOf: (old: string) => { readonly partition: number; readonly offset: number } | undefined,
): { readonly record: PortableRecord; readonly lost: number } => {
  const event = eventOf(record)
  let lost = 0
  const letters = lettersOf(event).map((letter) => {
    const place = placeOf(`${letter.partition}:${letter.offset}`)
    if (!place) lost += 1
    return { ...letter, topic, ...(place ?? { partition, offset: Number.MAX_SAFE_INTEGER }) }
  })
  const waiting = waitingOf(event).map((waits) => {
    const place = placeOf(`${waits.partition}:${waits.offset}`)
    if (!place) lost += 1
    return place ? { partition: place.partition, offset: place.offset } : { partition, offset: Number.MAX_SAFE_INTEGER }
  })
  const data = { ...(event['data'] as object), letters, ...(waiting.length > 0 && { waiting }) }
  const value = Buffer.from(JSON.stringify({ ...event, data }))
  return { record: { ...record, value }, lost }
}

const eventOf = ({ value }: PortableRecord): Record<string, unknown> =>
  JSON.parse(Buffer.from(value ?? []).toString('utf8')) as Record<string, unknown>

const lettersOf = (event: Record<string, unknown>) => {
  const read = resolutionData.shape.letters.safeParse((event['data'] as { letters?: unknown } | undefined)?.letters)
  return read.success ? read.data : []
}

const waitingOf = (event: Record<string, unknown>) => {
  const read = resolutionData.shape.waiting.safeParse((event['data'] as { waiting?: unknown } | undefined)?.waiting)
  return read.success ? (read.data ?? []) : []
}
