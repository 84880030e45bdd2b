import { type StudentStep, studentSteps } from '../../consumers/history/student-steps.ts'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { StudentPage } from '../../consumers/ports/store.ts'
import { answerAt } from '../../consumers/stored/answer-at.ts'
import { hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import { type EnrolmentView, type Phase, phaseAt, type Rendering, viewAt } from '../../projections/answers/view.ts'
import type { Student } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { namesIn } from './changed-students.ts'
import { scanSummary } from './scan-body.ts'

/** Of the active, coherent enrolments of one branch and year. */
export type Total = {
  readonly collectorCode: string | null
  readonly yearStart: string
  readonly students: number
  /** In paise. */
  readonly payable: number
}

export type Totals = {
  readonly kind: 'totals'
  /** Every event that was acknowledged before is in it, and none that came later. */
  readonly atMs: number
  readonly totals: readonly Total[]
  /** Students that are suspect: in the sums as far as is known. */
  readonly suspects: number
  /** Active enrolments that are not coherent: not in the sums. */
  readonly incoherent: number
}

/** `unproven`: partitions of which the projection does not hold everything, and why. */
export type TotalsResult =
  | Totals
  | { readonly kind: 'unproven'; readonly partitions: readonly number[]; readonly why: string }
  | { readonly kind: 'moved' }

export type TotalsDeps = {
  readonly engine: Pick<Engine, 'log' | 'store'>
  readonly topic: string
  readonly partitions: number
  readonly rendering: Rendering
  readonly signature: string
  readonly onProgress: (done: number) => void
}

/** How long the projection may take to catch up. */
const PATIENCE_MS = 15_000
const AGAIN_MS = 100

type Ends = ReadonlyMap<number, number>

/**
 * Sums what is payable as of one moment: where the log ended when it was asked. The projection must have reached that end
 * in every partition. A record that holds a later event is put aside, and its student is folded from the log up to the end.
 */
export const totalsOf = async (deps: TotalsDeps): Promise<TotalsResult> => {
  const { store } = deps.engine
  const atMs = Date.now()
  const proven = await provenEnds(deps)
  if (proven.kind === 'unproven') return proven
  const generation = await store.admin.activeGeneration()
  if (generation === null) return { kind: 'moved' }
  const sums = summing()
  const younger = new Map<number, Set<StudentId>>()
  const seen = new Set<StudentId>()
  let cursor: string | null = null
  do {
    const page: StudentPage = await store.admin.students(generation, cursor)
    const fresh = page.students.filter(({ identifier }) => !seen.has(identifier))
    for (const { identifier } of fresh) seen.add(identifier)
    for (const [partition, students] of Map.groupBy(fresh, (one) => one.partition)) {
      const ids = [...new Set(students.map(({ identifier }) => identifier))]
      const records = await store.writer.load(generation, partition, ids)
      for (const [index, id] of ids.entries()) {
        const record = records[index]
        if (!record) continue
        const { last, suspect, enrolments } = decodeRecord(record)
        if (last !== null && last.offset >= proven.ends.get(partition)!) {
          younger.set(partition, (younger.get(partition) ?? new Set()).add(id))
          continue
        }
        sums.add(suspect, enrolments, (one) => answerAt(record, id, one, deps.rendering, atMs))
      }
    }
    deps.onProgress(seen.size)
    cursor = page.next
  } while (cursor !== null)
  if ((await store.admin.activeGeneration()) !== generation) return { kind: 'moved' }
  for (const [partition, ids] of younger)
    await addFromLog(deps, partition, proven.ends.get(partition)!, ids, sums, atMs)
  return { kind: 'totals', atMs, ...sums.result() }
}

const provenEnds = async (
  deps: TotalsDeps,
): Promise<{ readonly kind: 'proven'; readonly ends: Ends } | Extract<TotalsResult, { kind: 'unproven' }>> => {
  const { engine, topic, signature } = deps
  const all = Array.from({ length: deps.partitions }, (_, index) => index)
  const ends = await engine.log.ends(topic, all)
  const silent = all.filter((partition) => !ends.has(partition))
  if (silent.length > 0) return { kind: 'unproven', partitions: silent, why: 'the log does not tell their ends' }
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const views = await engine.store.reader.partitions()
    const foreign = views.filter(({ checkpoint }) => checkpoint && !hasSignature(checkpoint.metadata, signature))
    if (foreign.length > 0)
      return {
        kind: 'unproven',
        partitions: foreign.map(({ partition }) => partition),
        why: 'the projection was made by another version, policy or timezone',
      }
    const behind = views.filter(({ partition, checkpoint }) => {
      const end = ends.get(partition)!
      return !checkpoint || checkpoint.next < end.next || !hasIdentity(checkpoint.metadata, end.identity)
    })
    if (behind.length === 0) return { kind: 'proven', ends: new Map(all.map((one) => [one, ends.get(one)!.next])) }
    if (performance.now() > until)
      return {
        kind: 'unproven',
        partitions: behind.map(({ partition }) => partition),
        why: 'the projection does not hold everything that the log holds',
      }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

/** Students that went on meanwhile, as they were. */
const addFromLog = async (
  { engine: { log }, topic, partitions, rendering }: TotalsDeps,
  partition: number,
  end: number,
  ids: ReadonlySet<StudentId>,
  sums: Summing,
  atMs: number,
): Promise<void> => {
  const start = (await log.startOffsets(topic, [partition])).get(partition)!
  const mayConcern = (record: StudentStep['record']): boolean => {
    let concerned = false
    namesIn(record, (id) => {
      concerned ||= ids.has(id)
    })
    return concerned
  }
  const students = new Map<StudentId, Student>()
  const steps = studentSteps(
    { log, topic, partitions, calendar: rendering.calendar, onProgress: () => {} },
    { partition, start, end, isWanted: (id) => ids.has(id), mayConcern },
  )
  for await (const { identifier, after } of steps) students.set(identifier, after)
  for (const [identifier, student] of students) {
    const { suspect, enrolments } = viewAt(student, identifier, rendering, atMs)
    sums.add(suspect, enrolments, (one) => phaseAt(one, atMs))
  }
}

type Summing = ReturnType<typeof summing>

const summing = () => {
  const totals = new Map<
    string,
    { collectorCode: string | null; yearStart: string; students: number; payable: number }
  >()
  let [suspects, incoherent] = [0, 0]
  return {
    add: <Body extends Uint8Array | string>(
      suspect: boolean,
      enrolments: readonly EnrolmentView<Body>[],
      answerOf: (enrolment: EnrolmentView<Body>) => Phase<Body>,
    ): void => {
      const counted = new Set<string>()
      if (suspect) suspects += 1
      for (const enrolment of enrolments) {
        const { status, body } = answerOf(enrolment)
        if (status !== 'active') continue
        if (body === null) {
          incoherent += 1
          continue
        }
        const { collectorCode, yearStart } = enrolment
        const key = JSON.stringify([collectorCode, yearStart])
        const total = totals.get(key) ?? { collectorCode, yearStart, students: 0, payable: 0 }
        totals.set(key, total)
        total.payable += scanSummary(body).payable ?? 0
        if (!counted.has(key)) total.students += 1
        counted.add(key)
      }
    },
    result: () => ({ totals: [...totals.values()].sort(byBranchAndYear), suspects, incoherent }),
  }
}

const byBranchAndYear = (a: Total, b: Total): number => {
  const [x, y] = [a, b].map(({ collectorCode, yearStart }) => `${collectorCode ?? ''}\0${yearStart}`) as [
    string,
    string,
  ]
  return x < y ? -1 : x > y ? 1 : 0
}
