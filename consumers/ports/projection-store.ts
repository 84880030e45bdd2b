import type { RecentAnswers } from './recent-answers.ts'
import type { ProjectionReader, ProjectionWriter, StoreAdmin } from './store.ts'

/** The sides of one store, as an adapter makes them. */
export type ProjectionStore = {
  readonly writer: ProjectionWriter
  readonly reader: ProjectionReader
  readonly admin: StoreAdmin
  readonly recentAnswers: RecentAnswers
}
