/**
 * Exemplars: for each bucket of a series, one recent observation with the id of its request. The format OpenMetrics
 * carries them. They are noted only after somebody has asked for this format, so they cost a comparison until then.
 */
export type Exemplars = {
  /** Somebody has asked for them. */
  readonly areWanted: () => boolean
  readonly want: () => void
}

export const exemplars = (): Exemplars => {
  let wanted = false
  return {
    areWanted: () => wanted,
    want: () => {
      wanted = true
    },
  }
}

/** The youngest exemplar of each bucket of one series. */
export type BucketExemplars = {
  readonly note: (bucket: number, value: number, requestId: string) => void
  /** The end of a bucket's line; empty where there is none. */
  readonly textOf: (bucket: number) => string
}

/** OpenMetrics allows 128 characters in all names and values of an exemplar's labels. */
const MAX_ID = 128 - 'request_id'.length

export const bucketExemplars = (buckets: number): BucketExemplars => {
  const values = new Float64Array(buckets)
  const timesMs = new Float64Array(buckets)
  const ids = new Array<string>(buckets).fill('')
  return {
    note: (bucket, value, requestId) => {
      if (requestId.length > MAX_ID) return
      values[bucket] = value
      timesMs[bucket] = Date.now()
      ids[bucket] = requestId
    },
    // An id has letters, digits and `._-` alone: nothing to escape.
    textOf: (bucket) =>
      ids[bucket] === '' ? '' : ` # {request_id="${ids[bucket]}"} ${values[bucket]} ${timesMs[bucket]! / 1000}`,
  }
}
