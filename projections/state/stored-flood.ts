import { packMoment, unpackMoment } from '../values/moment.ts'
import type { Flood } from './student.ts'

/** The stored form of the dead letters of a source that are not known one by one. */
export type StoredFlood = readonly [
  source: string | null,
  count: number,
  unread: number,
  since: number,
  newestAt: string,
  newestOffset: number,
]

export const encodeFlood = ({ source, count, unread, since, newest }: Flood): StoredFlood => [
  source,
  count,
  unread,
  since,
  packMoment(newest.at),
  newest.offset,
]

export const decodeFlood = ([source, count, unread, since, at, offset]: StoredFlood): Flood => ({
  source,
  count,
  unread,
  since,
  newest: { at: unpackMoment(at), offset },
})
