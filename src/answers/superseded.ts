import { studentSteps } from '../../consumers/history/student-steps.ts'
import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { Rendering } from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type AnswerSpan, answerSpans, type LoggedAnswer, readAnswers, skewMs } from './answer-log.ts'
import { changedStudents, namesIn, shortKey } from './changed-students.ts'
import type { AnswerFindings } from './findings.ts'
import { type AnswerFollower, followAnswers, type SupersededAnswer } from './follow-answers.ts'
import { type GivenAnswer, givenAnswer } from './given-answer.ts'
import { type KeyedHash, keyFingerprint } from './keyed-hash.ts'
import { signatureFingerprint } from './recorder-header.ts'

export type SupersededDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets' | 'ends'>
  /** The topic of events. */
  readonly topic: string
  readonly partitions: number
  readonly rendering: Rendering
  readonly hashed: KeyedHash
  readonly signature: string
  readonly scopeOf: (client: string) => Scope
  readonly watchMs: number
  /** Answers from then on, by the brokers' clock. */
  readonly sinceMs: number
  readonly nowMs: number
  readonly onProgress: (done: number, total: number) => void
}

/** Students that are folded at once: some 100 MB. */
const STUDENTS_AT_ONCE = 12_000

/**
 * The answers that an event has changed since, partition by partition. Only the two logs are asked, so the list is complete
 * wherever they are; what they cannot tell is in `findings`. Students without an event after their answers are never
 * folded.
 */
export async function* supersededAnswers(
  deps: SupersededDeps,
  findings: AnswerFindings,
): AsyncGenerator<SupersededAnswer> {
  const { log, topic, sinceMs } = deps
  const partitions = Array.from({ length: deps.partitions }, (_, index) => index)
  // The answers' ends first: what an answer includes is in the log of events then.
  const spans = await answerSpans(log, answersName(topic), partitions, sinceMs)
  const [starts, ends] = await Promise.all([log.startOffsets(topic, partitions), log.endOffsets(topic, partitions)])
  const work = progressOf(deps, spans, starts, ends)
  for (const span of spans) {
    const events = { partition: span.partition, start: starts.get(span.partition)!, end: ends.get(span.partition)! }
    if (span.isCut) findings.answersCut.push(span.partition)
    if (events.start > 0) findings.eventsCut.push(span.partition)
    yield* inPartition(deps, span, events, findings, work)
  }
}

type Events = { readonly partition: number; readonly start: number; readonly end: number }

async function* inPartition(
  deps: SupersededDeps,
  span: AnswerSpan,
  events: Events,
  findings: AnswerFindings,
  work: (records: number) => void,
): AsyncGenerator<SupersededAnswer> {
  const { log, topic, hashed } = deps
  const applied = await appliedByKey(deps, span, events, findings, work)
  if (applied.size === 0) return
  const changed = await changedStudents(log, topic, events, events.start, applied, hashed, work)
  applied.clear()
  const ids = [...changed.keys()]
  const groups = Math.ceil(ids.length / STUDENTS_AT_ONCE)
  const mayConcern = concernedGroups(new Map(ids.map((id, index) => [id, index % groups])), events)
  for (let group = 0; group < groups; group++) {
    const own = new Map(ids.filter((_, index) => index % groups === group).map((id) => [changed.get(id)!, id]))
    yield* inGroup(deps, span, events, own, mayConcern(group), findings)
  }
}

/** By short key, the first offset that is not in the earliest answer about that student. */
const appliedByKey = async (
  deps: SupersededDeps,
  span: AnswerSpan,
  events: Events,
  findings: AnswerFindings,
  work: (records: number) => void,
): Promise<Map<string, number>> => {
  const { log, topic, hashed, signature } = deps
  const [ownKey, ownSignature] = [keyFingerprint(hashed), signatureFingerprint(signature)]
  const applied = new Map<string, number>()
  for await (const logged of readAnswers(log, answersName(topic), span, work)) {
    findings.tally.add(logged)
    findings.answers += 1
    const { key, mark } = logged
    if (mark !== null && mark.key !== ownKey) findings.underOtherKeys += 1
    else if (key === null) findings.ofNobody += 1
    else {
      if (mark !== null && mark.signature !== ownSignature) findings.underOtherSignatures += 1
      noteSkew(logged, findings)
      const first = mark?.applied ?? givenAnswer(logged, deps.scopeOf)?.applied ?? 0
      if (first > events.end) findings.beyondTheLog += 1
      const short = shortKey(key)
      applied.set(short, Math.min(first, applied.get(short) ?? first))
    }
  }
  return applied
}

const noteSkew = (logged: LoggedAnswer, { skews }: AnswerFindings): void => {
  const skew = skewMs(logged)
  if (skew === 0) return
  const { recorder } = logged.mark!
  if (Math.abs(skew) > Math.abs(skews.get(recorder) ?? 0)) skews.set(recorder, skew)
}

/**
 * Which records concern a group of students. With several groups the log is read several times, so what was found the
 * first time is kept by offset.
 */
const concernedGroups = (groupOf: ReadonlyMap<StudentId, number>, { start, end }: Events) => {
  const [NOBODY, SEVERAL] = [0, 0xffff]
  const found = new Uint16Array(groupOf.size > STUDENTS_AT_ONCE ? Math.max(0, end - start) : 0)
  const look = (record: LogRecord): number => {
    let concerned = NOBODY
    namesIn(record, (id) => {
      const group = groupOf.get(id)
      if (group !== undefined) concerned = concerned === NOBODY || concerned === group + 1 ? group + 1 : SEVERAL
    })
    found[record.offset - start] = concerned
    return concerned
  }
  return (group: number) =>
    (record: LogRecord): boolean => {
      const concerned = group === 0 ? look(record) : found[record.offset - start]!
      return concerned === group + 1 || concerned === SEVERAL
    }
}

async function* inGroup(
  deps: SupersededDeps,
  span: AnswerSpan,
  events: Events,
  idOf: ReadonlyMap<string, StudentId>,
  mayConcern: (record: LogRecord) => boolean,
  findings: AnswerFindings,
): AsyncGenerator<SupersededAnswer> {
  const { log, topic, partitions, rendering } = deps
  const followers = await followersOf(deps, span, idOf, findings)
  const steps = studentSteps(
    { log, topic, partitions, calendar: rendering.calendar, onProgress: () => {} },
    { ...events, isWanted: (id) => followers.has(id), mayConcern },
  )
  for await (const step of steps) followers.get(step.identifier)!.step(step)
  for (const follower of followers.values()) {
    const doubt = follower.doubt()
    if (doubt !== null) findings.doubts.push(doubt)
    findings.mismatches += follower.mismatches().length
    yield* follower.superseded()
  }
}

const followersOf = async (
  deps: SupersededDeps,
  span: AnswerSpan,
  idOf: ReadonlyMap<string, StudentId>,
  findings: AnswerFindings,
): Promise<ReadonlyMap<StudentId, AnswerFollower>> => {
  const { log, topic, scopeOf, sinceMs } = deps
  const answers = new Map<StudentId, GivenAnswer[]>()
  for await (const logged of readAnswers(log, answersName(topic), span)) {
    const id = logged.key === null ? undefined : idOf.get(logged.key)
    if (id === undefined) continue
    const answer = givenAnswer(logged, scopeOf)
    if (answer === null) findings.unreadable += 1
    else if (answer.atMs >= sinceMs) {
      const own = answers.get(id) ?? []
      answers.set(id, own)
      own.push(answer)
    }
  }
  return new Map(
    Array.from(answers, ([id, own]) => [
      id,
      followAnswers(id, own, { ...deps, signature: signatureFingerprint(deps.signature) }),
    ]),
  )
}

const progressOf = (
  { onProgress }: SupersededDeps,
  spans: readonly AnswerSpan[],
  starts: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
): ((records: number) => void) => {
  const total = spans.reduce(
    (sum, { partition, start, end }) => sum + end - start + ends.get(partition)! - starts.get(partition)!,
    0,
  )
  let done = 0
  return (records) => {
    done = Math.min(total, done + records)
    onProgress(done, total)
  }
}
