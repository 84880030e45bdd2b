import type { StudentId } from '../../../projections/values/ids.ts'
import { followAnswers, type SupersededAnswer } from '../../answers/follow-answers.ts'
import type { GivenAnswer } from '../../answers/given-answer.ts'
import { signatureFingerprint } from '../../answers/recorder-header.ts'
import { remakeBody } from '../../answers/remake-body.ts'
import { recordingsOf, type StudentRecordings, timelineOf } from '../../answers/student-answers.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { plural, print, printLines, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withLog } from '../command/with-engine.ts'
import { stepLines } from '../student/step-lines.ts'
import { type AnswerReader, answerReader } from './answer-reader.ts'
import { parseSince, type Since } from './since.ts'
import { answerCsv, eventCsv, TIMELINE_HEAD } from './timeline-csv.ts'
import { type AnswerEntry, answerJson, answerLines, eventEntries } from './timeline-text.ts'

type Options = { readonly since?: Since; readonly branch?: string; readonly csv?: boolean; readonly body?: boolean }

export const answersOf: Register = (cli) =>
  cli
    .command(
      'answers of <identifier>',
      'prints every answer about a student, and the events between them',
      [
        'npx pullgate answers S-1001',
        'npx pullgate answers of superseded   # a student of that name',
        'npx pullgate answers of S-1001 --since 2026-07-03 --body',
      ],
      { isDefault: true },
    )
    .option('--since <time>', 'only since then: 90m, 48h, 7d, or a moment', parseSince)
    .option('--branch <code>', 'only answers about this collector_code')
    .option('--body', "makes each answer's bytes anew from the log, and holds them against what was sent")
    .option('--csv', 'CSV for a spreadsheet')
    .action(
      cli.run((identifier: string, options: Options) =>
        runAnswers(parseIdentifier(identifier), options, cli.globals()),
      ),
    )

const runAnswers = (identifier: StudentId, options: Options, globals: Globals): Promise<ExitCode> =>
  withLog(globals, async (engine, config) => {
    const reader = await answerReader(engine, config)
    const nowMs = Date.now()
    const sinceMs = options.since?.(nowMs) ?? 0
    const bar = progress('reading the logs')
    const { name: topic, partitions } = config.topic
    const recordings = await recordingsOf(
      { ...reader, log: engine.log, topic, partitions, sinceMs, onProgress: bar.at },
      identifier,
    )
    bar.end()
    const isOfBranch = ({ record }: GivenAnswer): boolean =>
      options.branch === undefined ||
      (record.enrolment?.collector_code ?? record.query.collector_code) === options.branch
    const answers = recordings.answers.filter(isOfBranch)
    const entries = entriesOf(reader, identifier, recordings, answers, nowMs, options.body === true)
    await write({ ...recordings, answers }, entries, sinceMs, reader, options, globals)
    return conclude(recordings, [...entries.values()])
  })

const entriesOf = (
  reader: AnswerReader,
  identifier: StudentId,
  recordings: StudentRecordings,
  answers: readonly GivenAnswer[],
  nowMs: number,
  withBody: boolean,
): ReadonlyMap<GivenAnswer, AnswerEntry> => {
  const signature = signatureFingerprint(reader.signature)
  const follower = followAnswers(identifier, answers, { ...reader, nowMs, signature })
  for (const { record, movedFrom, outcomes, deadLetters, before, after } of recordings.steps)
    follower.step({ identifier, record, movedFrom, outcomes, deadLetters, before, after })
  const superseded = new Map<GivenAnswer, SupersededAnswer>(follower.superseded().map((one) => [one.answer, one]))
  return new Map(
    answers.map((answer) => [
      answer,
      {
        answer,
        superseded: superseded.get(answer) ?? null,
        body: withBody ? remakeBody({ ...reader, signature }, identifier, recordings, answer) : null,
      },
    ]),
  )
}

const write = async (
  recordings: Pick<StudentRecordings, 'answers' | 'steps'>,
  entries: ReadonlyMap<GivenAnswer, AnswerEntry>,
  sinceMs: number,
  { rendering }: AnswerReader,
  options: Options,
  globals: Globals,
): Promise<void> => {
  const events = eventEntries(recordings.steps, rendering)
  let count = 0
  if (globals.json) await print('[')
  if (!globals.json && options.csv) await print(TIMELINE_HEAD)
  for (const entry of timelineOf(recordings)) {
    if (entry.kind === 'event' && entry.step.timestampMs < sinceMs) continue
    if (globals.json) {
      const value =
        entry.kind === 'answer' ? answerJson(entries.get(entry.answer)!) : { kind: 'event', ...events.get(entry.step)! }
      await print(`${count === 0 ? '' : ','}${JSON.stringify(value)}`)
    } else if (options.csv)
      await print(entry.kind === 'answer' ? answerCsv(entries.get(entry.answer)!) : eventCsv(events.get(entry.step)!))
    else {
      const lines =
        entry.kind === 'answer' ? answerLines(entries.get(entry.answer)!) : stepLines(events.get(entry.step)!)
      await printLines(lines)
    }
    count += 1
  }
  if (globals.json) await print(']\n')
}

const conclude = (recordings: StudentRecordings, entries: readonly AnswerEntry[]): ExitCode => {
  const { underOtherKeys, isCut, answers, steps } = recordings
  let code: ExitCode = 0
  const gap = (text: string): void => {
    say(text)
    code = 1
  }
  if (underOtherKeys > 0)
    gap(
      `${plural(underOtherKeys, 'answer')} of this partition ${underOtherKeys === 1 ? 'was' : 'were'} recorded under another answers.key: some may be this student's.`,
    )
  if (isCut) say('Older answers are no longer kept.')
  const differing = entries.filter(({ body }) => body?.kind === 'differs').length
  if (differing > 0) gap(`${plural(differing, 'answer')}: the bytes made anew are not those that were sent.`)
  if (answers.length === 0) say('No answer about this student is recorded in that time.')
  return answers.length === 0 && steps.length === 0 ? 1 : code
}
