/**
 * Number of records for each write. A store timeout halves it, and each reply lets it grow by a quarter. A slow
 * connection makes writes small but never stops them.
 */
export type WriteSize = {
  readonly records: () => number
  readonly halve: () => void
  readonly grow: () => void
}

/** Bounds one script call and one pause of the event loop. */
const MOST_RECORDS = 1000
/** More than this in one write is written as two: a line of 32 Mbit/s passes it in a second. */
export const MOST_WRITE_BYTES = 4 * 1024 * 1024

export const writeSize = (): WriteSize => {
  let records = MOST_RECORDS
  return {
    records: () => records,
    halve: () => {
      records = Math.max(1, Math.floor(records / 2))
    },
    grow: () => {
      records = Math.min(MOST_RECORDS, records + Math.ceil(records / 4))
    },
  }
}
