import type { Rendering } from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { DeadLetterTopic } from '../dead-letters/write.ts'
import type { Log } from '../ports/log.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import type { ReadOriginal } from '../rerouting/originals.ts'
import type { ReroutedAlready } from '../rerouting/rerouted-already.ts'
import type { CheckpointDeps } from '../stored/checkpoint-view.ts'
import type { ProjectorObserver } from './observer.ts'

export type WorkerDeps = CheckpointDeps & {
  readonly log: Log
  readonly store: ProjectionWriter
  readonly deadLetters: DeadLetterTopic
  /** What is wrong with the topic's settings: then nothing of it is applied. */
  readonly topicProblem?: () => string | null
  readonly rendering: Rendering
  readonly partitionOf: (identifier: StudentId) => number
  readonly reroutedAlready: ReroutedAlready
  readonly readOriginal: ReadOriginal
  readonly observer: ProjectorObserver
  /** Hears with each batch how many offsets its partition has not applied yet. */
  readonly onBacklog?: (partition: number, records: number) => void
  /** Unix milliseconds, for what is measured only. */
  readonly clock: () => number
  /** How long a change of an answer counts, where answers are recorded. */
  readonly watchAnswersMs?: number
  /** Another process works on the same log: its results may already be there, whatever the age of the record. */
  readonly beside?: boolean
}
