import { type ScoutLedger, scoutedFor, withReport } from '../../consumers/ports/scout-ledger.ts'
import type { ScoutedForStudent, ScoutReport } from '../../consumers/ports/scouted.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { hasNothingPending } from '../../src/pull/freshness.ts'

/**
 * A model of one partition, small enough to walk every interleaving. Its log holds a few events of the students A and B,
 * and may lose its end. Its store may go back. Scouts may be late, and their removals are on their way for a while. A pull
 * asks for A. What is stored and what is proven are the real functions; everybody else takes one small step at a time.
 */
export type Rules = {
  readonly withReport: typeof withReport
  readonly isProven: typeof hasNothingPending
}
export const REAL: Rules = { withReport, isProven: hasNothingPending }

export type Scene = {
  /** What is appended, an event of a student for each letter. */
  readonly script: string
  readonly scouts: number
  /** The store may go back once to how it was at an earlier moment. */
  readonly rewinds?: boolean
  /** The log may lose its last event once, and goes on under another name. */
  readonly truncates?: boolean
  /** A report may land twice: its first reply was lost. */
  readonly repeats?: boolean
}

type Stored = { readonly applied: string; readonly of: number; readonly ledger: ScoutLedger | null }

/** `begins` as in the code; `report` and `forgets` are on their way to the store. */
type ModelScout = {
  readonly at: number | null
  readonly begins: boolean
  readonly of: number | null
  readonly report: ScoutReport | null
  readonly forgets: boolean
}

type ModelPull = {
  readonly end: { readonly log: string; readonly of: number } | null
  readonly ahead: ScoutedForStudent | 'nothing' | null
  readonly record: Pick<Stored, 'applied' | 'of'> | null
}

type State = {
  readonly log: string
  /** Which log it is: raised when its end is lost. */
  readonly of: number
  readonly left: string
  readonly stored: Stored
  readonly saved: Stored | 'none' | 'gone'
  readonly scouts: readonly ModelScout[]
  readonly pull: ModelPull
}

const A = 'A' as StudentId
const identityOf = (of: number): string => `log.${of}`
const IDLE: ModelScout = { at: null, begins: true, of: null, report: null, forgets: false }

const begin = ({ script, scouts, rewinds }: Scene): State => ({
  log: '',
  of: 0,
  left: script,
  stored: { applied: '', of: 0, ledger: null },
  saved: rewinds ? 'none' : 'gone',
  scouts: Array.from({ length: scouts }, () => IDLE),
  pull: { end: null, ahead: null, record: null },
})

/** Every state that one step leads to. */
const stepsFrom = (state: State, scene: Scene, rules: Rules): State[] => [
  ...logSteps(state, scene),
  ...storeSteps(state),
  ...state.scouts.flatMap((scout, index) =>
    scoutSteps(state, scout, scene, rules).map((next) => ({
      ...state,
      ...('stored' in next ? { stored: next.stored } : {}),
      scouts: state.scouts.with(index, next.scout),
    })),
  ),
  ...pullSteps(state),
]

const logSteps = (state: State, { truncates }: Scene): State[] => {
  const steps: State[] = []
  if (state.left !== '') steps.push({ ...state, log: state.log + state.left[0], left: state.left.slice(1) })
  if (truncates && state.of === 0 && state.log !== '') steps.push({ ...state, log: state.log.slice(0, -1), of: 1 })
  return steps
}

/** The projector applies one event at a time, and under another name of the log only what it finds unchanged. */
const storeSteps = (state: State): State[] => {
  const { stored, saved, log, of } = state
  const steps: State[] = []
  const { applied } = stored
  if (stored.of === of && applied.length < log.length)
    steps.push({ ...state, stored: { ...stored, applied: applied + log[applied.length] } })
  if (stored.of !== of && log.startsWith(applied)) steps.push({ ...state, stored: { ...stored, of } })
  if (saved === 'none') steps.push({ ...state, saved: stored })
  if (typeof saved === 'object') steps.push({ ...state, stored: saved, saved: 'gone' })
  return steps
}

type ScoutStep = { readonly scout: ModelScout } | { readonly scout: ModelScout; readonly stored: Stored }

const scoutSteps = (state: State, scout: ModelScout, scene: Scene, rules: Rules): ScoutStep[] => {
  const { stored, log, of } = state
  const { ledger } = stored
  const steps: ScoutStep[] = []
  if (scout.forgets) steps.push({ scout: { ...scout, forgets: false }, stored: { ...stored, ledger: null } })
  if (scout.report !== null) return [...steps, ...landing(stored, scout, scout.report, scene, rules)]
  if (scout.at === null) {
    const next = stored.applied.length
    steps.push({ scout: { ...scout, at: next, begins: true, of: null } })
    const range = ledger?.scouted
    if (range?.identity === identityOf(of) && range.from <= next && next <= range.upTo)
      steps.push({ scout: { ...scout, at: range.upTo, begins: false, of } })
    return steps
  }
  if (scout.of !== null && scout.of !== of) return [...steps, { scout: { ...scout, at: null } }]
  for (let upTo = scout.at + 1; upTo <= log.length; upTo += 1)
    steps.push({ scout: { ...scout, of, report: reportOf(log, of, scout.at, upTo, scout.begins) } })
  return steps
}

const reportOf = (log: string, of: number, from: number, upTo: number, begins: boolean): ScoutReport => ({
  partition: 0,
  generation: 1,
  identity: identityOf(of),
  from,
  upTo,
  marks: new Map(Array.from(log.slice(from, upTo), (student, index) => [student as StudentId, from + index])),
  everybody: -1,
  misrouted: -1,
  begins,
  marksAtMost: 10,
  proof: null,
})

const landing = (stored: Stored, scout: ModelScout, report: ScoutReport, scene: Scene, rules: Rules): ScoutStep[] => {
  const applied = stored.applied.length
  const { ledger, outcome } = rules.withReport(stored.ledger, report, applied)
  const after = { ...stored, ledger }
  const done = { ...scout, report: null }
  const isCaughtUp = outcome.kind === 'added' && applied >= report.upTo
  const scouts: ModelScout[] = [
    outcome.kind === 'added' && !isCaughtUp
      ? { ...done, at: report.upTo, begins: false }
      : { ...done, at: null, forgets: scout.forgets || isCaughtUp },
  ]
  if (scene.repeats) scouts.push(scout)
  return scouts.map((next) => ({ scout: next, stored: after }))
}

/** The pull asks three things, in any order, each as of one moment. */
const pullSteps = (state: State): State[] => {
  const { pull, stored, log, of } = state
  const steps: State[] = []
  const read = (part: Partial<ModelPull>): void => void steps.push({ ...state, pull: { ...pull, ...part } })
  if (pull.end === null) read({ end: { log, of } })
  if (pull.ahead === null) read({ ahead: scoutedFor(stored.ledger, A, 0) ?? 'nothing' })
  if (pull.record === null) read({ record: { applied: stored.applied, of: stored.of } })
  return steps
}

/** Whether A's record is told as fresh although it lacks an event of A that lay in the log when its end was asked. */
const isWrong = ({ end, ahead, record }: ModelPull, rules: Rules): boolean => {
  if (end === null || ahead === null || record === null || end.of !== record.of) return false
  const next = record.applied.length
  const scouted = ahead === 'nothing' ? null : ahead
  const known = { identity: identityOf(end.of), end: end.log.length }
  const isProven = next === known.end || (next < known.end && rules.isProven(scouted, next, known))
  return isProven && Array.from(end.log).some((student, at) => student === A && record.applied[at] !== A)
}

const isProvenAhead = ({ end, ahead, record }: ModelPull, rules: Rules): boolean =>
  end !== null &&
  record !== null &&
  ahead !== null &&
  ahead !== 'nothing' &&
  end.of === record.of &&
  rules.isProven(ahead, record.applied.length, { identity: identityOf(end.of), end: end.log.length })

export type Walked = { readonly states: number; readonly wrong: number; readonly provenAhead: number }

/** Walks everything that can happen; with `untilWrong` it ends with the first wrong answer. */
export const walk = (scene: Scene, rules: Rules = REAL, untilWrong = false): Walked => {
  const seen = new Set<string>()
  const open: State[] = [begin(scene)]
  let [wrong, provenAhead] = [0, 0]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const key = keyOf(state)
    if (seen.has(key)) continue
    seen.add(key)
    if (isWrong(state.pull, rules)) wrong += 1
    if (isProvenAhead(state.pull, rules)) provenAhead += 1
    if (wrong > 0 && untilWrong) break
    // Nothing that happens after the last answer matters to the pull.
    const { end, ahead, record } = state.pull
    if (end === null || ahead === null || record === null) open.push(...stepsFrom(state, scene, rules))
  }
  return { states: seen.size, wrong, provenAhead }
}

/** What many states share is written once. */
const written = new WeakMap<object, string>()
const textOf = (part: object | string | null): string => {
  if (part === null || typeof part === 'string') return String(part)
  const known = written.get(part)
  if (known !== undefined) return known
  const text = JSON.stringify(part, (_name, value: unknown) => (value instanceof Map ? [...value].toSorted() : value))
  written.set(part, text)
  return text
}

const keyOf = ({ log, of, left, stored, saved, scouts, pull }: State): string =>
  [
    ...[log, of, left, stored.applied, stored.of, textOf(stored.ledger), textOf(saved)],
    ...scouts.map(({ at, begins, of: log, report, forgets }) => `${at}${begins}${log}${forgets}${textOf(report)}`),
    ...[textOf(pull.end), textOf(pull.ahead), textOf(pull.record)],
  ].join(';')
