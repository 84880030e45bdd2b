import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { stateOf } from '../../consumers/stored/record.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { Student } from '../../projections/state/student.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** With more suspects in one partition, only the waiting events of this many are counted. */
const MAX_LOADED = 500
const EVERY_MS = 10_000

export type SuspectDetails = { readonly openLetters: number; readonly held: number; readonly orphans: number }

export const detailsOf = (students: readonly Pick<Student, 'letters' | 'floods' | 'waiting'>[]): SuspectDetails => {
  const waiting = students.flatMap((student) => student.waiting)
  return {
    openLetters: students.reduce((sum, student) => sum + openLettersOf(student), 0),
    held: waiting.filter(({ kind }) => kind === 'held').length,
    orphans: waiting.filter(({ kind }) => kind === 'orphan').length,
  }
}

const openLettersOf = ({ letters, floods }: Pick<Student, 'letters' | 'floods'>): number =>
  floods.reduce((sum, { count }) => sum + count, letters.filter(({ settled }) => !settled).length)

/** Who has an open letter or something waiting is suspect: so the suspects' records hold all that there is to count. */
const readSuspects = async (store: ProjectionStore, partitions: readonly number[]): Promise<SuspectDetails> => {
  const generation = await store.admin.activeGeneration()
  if (generation === null) return { openLetters: 0, held: 0, orphans: 0 }
  const found = await Promise.all(
    partitions.map(async (partition) => {
      const ids = (await store.reader.suspects(partition)).slice(0, MAX_LOADED)
      return ids.length === 0 ? [] : store.writer.load(generation, partition, ids)
    }),
  )
  return detailsOf(found.flat().flatMap((record) => (record ? [decodeState(stateOf(record))] : [])))
}

/** Reported at a scrape, read at most every ten seconds. */
export const tellSuspectDetails = (
  metrics: Metrics,
  store: ProjectionStore,
  owned: () => readonly number[],
  now: () => number,
): void => {
  let readAt = Number.NEGATIVE_INFINITY
  metrics.onScrape(async () => {
    if (now() - readAt < EVERY_MS) return
    readAt = now()
    const { openLetters, held, orphans } = await readSuspects(store, owned())
    metrics.set('pullgate_dead_letters_open', {}, openLetters)
    metrics.set('pullgate_events_waiting', { kind: 'held' }, held)
    metrics.set('pullgate_events_waiting', { kind: 'orphan' }, orphans)
  })
}
