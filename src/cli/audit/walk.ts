import type { StudentId } from '../../../projections/values/ids.ts'
import { type CompareDeps, type Compared, compareStudent } from '../../audit/compare-student.ts'
import type { Progress } from '../command/progress.ts'
import type { StateFile } from './state-file.ts'

export type Walked = { readonly identifier: StudentId; readonly branch: string | null }

/**
 * Compares the students, some in parallel; a student that the state file lists as done is reported and not asked again.
 */
export const walk = async (
  deps: CompareDeps,
  students: AsyncIterable<Walked>,
  { state, concurrency, total, bar }: Walk,
  tell: (compared: readonly Compared[]) => Promise<void>,
): Promise<void> => {
  const source = students[Symbol.asyncIterator]()
  let count = 0
  const worker = async (): Promise<void> => {
    for (;;) {
      const next = await source.next()
      if (next.done) return
      const { identifier, branch } = next.value
      const known = state.done.get(identifier)
      const compared = known ?? (await compareStudent(deps, identifier, branch))
      if (!known) state.add(identifier, compared)
      count += 1
      bar.at(count, total)
      await tell(compared)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, worker))
  } finally {
    bar.end()
  }
}

export type Walk = {
  readonly state: StateFile
  readonly concurrency: number
  readonly total: number | undefined
  readonly bar: Progress
}
