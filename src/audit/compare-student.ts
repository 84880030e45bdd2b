import { setTimeout as pause } from 'node:timers/promises'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Config } from '../config/load.ts'
import type { ErpDirectory } from '../erp/directory.ts'
import { outcomeDetail } from '../erp/failure-words.ts'
import { type ErpClient, type ErpOutcome, OURSELVES } from '../erp/port.ts'
import { type ComparedAnswer, type Difference, differencesOf } from './bodies.ts'
import { readStudent, type StudentReading } from './read-student.ts'

/**
 * What came of comparing one lookup. `differs` holds after everything in flight had time to arrive; `moving`: the student
 * changed all the while. `suspect`, `incoherent` and `unknown`: the projection does not answer, so nothing can drift;
 * `differences` tell what is between the two all the same, where there is something to compare.
 */
export type CompareOutcome =
  | 'same'
  | 'differs'
  | 'moving'
  | 'suspect'
  | 'incoherent'
  | 'unknown'
  | 'absent'
  | 'unasked'
  | 'no_erp'

export type Compared = {
  readonly identifier: string
  readonly lookup: PullQuery
  /** The ERP's label: `group` or a `collector_code`. */
  readonly erp: string
  readonly outcome: CompareOutcome
  readonly differences: readonly Difference[]
  /** What the ERP said, or why it was not asked. */
  readonly said: string
}

export type CompareDeps = {
  readonly engine: Engine
  readonly config: Config
  readonly erps: ErpDirectory
  /** Before a difference is believed, and twice if the student goes on changing. */
  readonly settleMs: number
  /** Resolves when the next request may be made. */
  readonly turn: () => Promise<void>
}

const RECHECKS = 2

/** Every enrolment that the projection knows; of a student that it does not know, what the ERP says. */
export const compareStudent = async (
  deps: CompareDeps,
  identifier: StudentId,
  branch: string | null = null,
): Promise<readonly Compared[]> => {
  const look = await readStudent(deps.engine, deps.config, identifier)
  const lookups = lookupsOf(look, identifier, branch)
  const compared: Compared[] = []
  for (const lookup of lookups) compared.push(await compareLookup(deps, identifier, lookup))
  return compared
}

const lookupsOf = ({ known }: StudentReading, identifier: StudentId, branch: string | null): readonly PullQuery[] => {
  const enrolments = known?.answers.enrolments ?? []
  if (enrolments.length === 0) return [{ identifier, ...(branch !== null && { collector_code: branch }) }]
  return enrolments.map(({ grade, yearStart, collectorCode }) => ({
    identifier,
    grade,
    ...(collectorCode !== null && { collector_code: collectorCode }),
    academic_year_start: yearStart,
  }))
}

const compareLookup = async (deps: CompareDeps, identifier: StudentId, lookup: PullQuery): Promise<Compared> => {
  const erp = deps.erps.forBranch(lookup.collector_code ?? null)
  const head = { identifier, lookup, erp: erp?.label ?? 'none' }
  if (!erp) return { ...head, outcome: 'no_erp', differences: [], said: 'no ERP is configured for this lookup' }
  for (let rechecks = 0; ; rechecks += 1) {
    const before = await readStudent(deps.engine, deps.config, identifier)
    const outcome = await ask(deps, erp, lookup)
    if (outcome.kind !== 'answer') return { ...head, outcome: 'unasked', differences: [], said: saidText(outcome) }
    const after = await readStudent(deps.engine, deps.config, identifier)
    const judged = judge(after, lookup, { status: outcome.status, body: Buffer.from(outcome.body).toString('utf8') })
    const result = { ...head, ...judged, said: `${outcome.status}${outcome.code ? ` ${outcome.code}` : ''}` }
    if (judged.outcome !== 'differs') return result
    const isSettled = after.applied !== null && after.applied >= after.end && versionOf(before) === versionOf(after)
    if (rechecks > 0 && isSettled) return result
    if (rechecks >= RECHECKS) return { ...result, outcome: 'moving' }
    await pause(deps.settleMs)
  }
}

const versionOf = ({ known }: StudentReading): string => JSON.stringify(known?.answers.last ?? null)

const judge = (
  { known }: StudentReading,
  lookup: PullQuery,
  erp: ComparedAnswer,
): { outcome: CompareOutcome; differences: readonly Difference[] } => {
  const enrolment = known?.answers.enrolments.find(
    ({ grade, yearStart, collectorCode }) =>
      grade === lookup.grade &&
      yearStart === lookup.academic_year_start &&
      collectorCode === (lookup.collector_code ?? null),
  )
  const suspect = known?.answers.suspect === true
  if (!enrolment) {
    if (suspect) return { outcome: 'suspect', differences: [] }
    return { outcome: erp.status === 200 ? 'unknown' : 'absent', differences: [] }
  }
  const { body, status } = known!.answerOf(enrolment, Date.now())
  if (body === null) return { outcome: suspect ? 'suspect' : 'incoherent', differences: [] }
  const differences = differencesOf({ status: status === 'active' ? 200 : 422, body: body.toString() }, erp)
  if (suspect) return { outcome: 'suspect', differences }
  return { outcome: differences.length === 0 ? 'same' : 'differs', differences }
}

/** A breaker that is open, or a place that is taken, is waited for: there is time. */
const PATIENCE = 5

const ask = async ({ config, turn }: CompareDeps, erp: ErpClient, lookup: PullQuery): Promise<ErpOutcome> => {
  for (let tries = 1; ; tries += 1) {
    await turn()
    const outcome = await erp.fetch(lookup, OURSELVES, performance.now() + config.pull.deadline_ms)
    const waits = outcome.kind === 'unavailable' && (outcome.cause === 'open' || outcome.cause === 'busy')
    if (!waits || tries >= PATIENCE) return outcome
    await pause((outcome.retryAfterSeconds ?? 1) * 1000)
  }
}

const saidText = (outcome: Exclude<ErpOutcome, { kind: 'answer' }>): string =>
  outcome.kind === 'bad_response'
    ? `an answer that cannot be used: ${outcome.detail}`
    : `nothing (${outcomeDetail(outcome)})`
