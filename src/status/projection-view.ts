/** The state of one partition in store and log. */
export type PartitionReading = {
  readonly partition: number
  /** Number of events between the applied offset and the log's end. */
  readonly lag: number
  /** Seconds since a projector's valid proof was seen; `null`: never. */
  readonly freshAgeSeconds: number | null
  /** Seconds since a proof or an advance of the checkpoint was seen; `null`: never. */
  readonly aliveAgeSeconds: number | null
}

/** The projection's state, for a process without a projector. */
export type ProjectionView = { readonly partitions: readonly PartitionReading[]; readonly suspects: number }
