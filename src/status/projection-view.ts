/** What store and log say of one partition. */
export type PartitionReading = {
  readonly partition: number
  /** Events between what is applied and the log's end. */
  readonly lag: number
  /** Seconds since a projector's proof was seen alive; `null`: never. */
  readonly freshAgeSeconds: number | null
  /** Seconds since a proof or a step of the checkpoint was seen; `null`: never. */
  readonly aliveAgeSeconds: number | null
}

/** How the projection stands, for a process that has no projector of its own. */
export type ProjectionView = { readonly partitions: readonly PartitionReading[]; readonly suspects: number }
