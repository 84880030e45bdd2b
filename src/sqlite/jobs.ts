import type { EnsuredTopic, NewRecord, TopicSpec } from '../../consumers/ports/log.ts'
import type { PartitionWrite, WriteResult } from '../../consumers/ports/store.ts'
import type { AppendOutcome } from './log/writes.ts'
import type { BuildStep } from './store/builds.ts'
import type { RecentAnswersStep } from './store/recent-answers.ts'

/** The jobs of the writing thread by name, with their arguments and results. */
export type JobTypes = {
  readonly append: readonly [readonly NewRecord[], AppendOutcome]
  readonly ensureTopics: readonly [readonly TopicSpec[], readonly EnsuredTopic[]]
  readonly apply: readonly [PartitionWrite, WriteResult]
  readonly activate: readonly [{ readonly from: number | null; readonly to: number }, boolean]
  readonly newGeneration: readonly [null, number]
  readonly removeBite: readonly [number, number | null]
  readonly build: readonly [BuildStep, number]
  readonly claim: readonly [string, string]
  readonly recentAnswers: readonly [RecentAnswersStep, number]
}

export type JobName = keyof JobTypes
export type Job = { [N in JobName]: { readonly name: N; readonly input: JobTypes[N][0] } }[JobName]

export type Request = { readonly id: number; readonly job: Job }

/** `failed`: nothing was written; `why` holds no data. */
export type Reply =
  | { readonly id: number; readonly kind: 'done'; readonly answer: JobTypes[JobName][1] }
  | { readonly id: number; readonly kind: 'failed'; readonly why: string }
