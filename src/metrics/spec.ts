/** The label values of this process, known at start, so that every series exists at the first scrape. */
export type Dimensions = {
  readonly version: string
  readonly partitions: number
  /** Event types known to the program. */
  readonly eventTypes: readonly string[]
  /** Sources whose heartbeat the configuration monitors. */
  readonly heartbeatSources: readonly string[]
  /** Sources that the configuration names anywhere; absent: the monitored ones. */
  readonly publishers?: readonly string[]
  /** `group`, or the `collector_code` of the first branch that uses it; never a URL. */
  readonly erps: readonly string[]
  /** Those of them that are probed; absent: all. */
  readonly probedErps?: readonly string[]
  /** Whether last known good may answer; otherwise its series would always be 0. */
  readonly lastKnownGood?: boolean
}

export type Role = 'gateway' | 'projector'
export type Labels = Readonly<Record<string, string>>

export type MetricSpec = {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly roles: readonly Role[]
  readonly help: string
  readonly labels: readonly string[]
  /** Every value of a label; a label missing here takes its values from the configuration or the log. */
  readonly values?: Readonly<Record<string, readonly string[]>>
  /** Upper bounds; histograms only. */
  readonly buckets?: readonly number[]
  /** Series with these labels alone have the buckets; others have one bucket, +Inf. Absent: all series have them. */
  readonly bucketsOf?: Labels
  /** Series that exist from the start, at 0 or at `start`. */
  readonly initial: (dimensions: Dimensions) => readonly Labels[]
  readonly start?: number
}

export const both: readonly Role[] = ['gateway', 'projector']
export const gateway: readonly Role[] = ['gateway']
export const projector: readonly Role[] = ['projector']

export const one = (): readonly Labels[] => [{}]
export const none = (): readonly Labels[] => []
export const cross = (a: string, as: readonly string[], b: string, bs: readonly string[]): readonly Labels[] =>
  as.flatMap((x) => bs.map((y) => ({ [a]: x, [b]: y })))
export const each = (name: string, values: readonly string[]): readonly Labels[] =>
  values.map((value) => ({ [name]: value }))
export const perPartition = ({ partitions }: Dimensions): readonly Labels[] =>
  each(
    'partition',
    Array.from({ length: partitions }, (_, i) => String(i)),
  )
