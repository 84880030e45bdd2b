import type { Engine } from '../../../consumers/ports/engine.ts'
import { type AnswerFindings, noFindings } from '../../answers/findings.ts'
import { supersededAnswers } from '../../answers/superseded.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { plural, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withLog } from '../command/with-engine.ts'
import { answerReader } from './answer-reader.ts'
import { caveatsOf, recorderGaps } from './findings-text.ts'
import { rowOutput } from './row-output.ts'
import { parseSince, type Since } from './since.ts'
import { supersededRow } from './superseded-row.ts'

type Options = { readonly since?: Since; readonly branch?: string; readonly csv?: boolean }

export const answersSuperseded: Register = (cli) =>
  cli
    .command(
      'answers superseded',
      'lists answers that a later event has changed: the families to call before the debit',
      [
        'npx pullgate answers superseded',
        'npx pullgate answers superseded --since 48h --branch BLR-01 --csv > to-call.csv',
        `npx pullgate answers superseded --json | jq '.[] | select(.change == "lower")'`,
      ],
    )
    .option(
      '--since <time>',
      'only answers since then: 90m, 48h, 7d, or a moment; default: answers.watch_hours',
      parseSince,
    )
    .option('--branch <code>', 'only answers about this collector_code')
    .option('--csv', 'CSV for a spreadsheet')
    .action(cli.run((options: Options) => runSuperseded(options, cli.globals())))

const runSuperseded = (options: Options, globals: Globals): Promise<ExitCode> =>
  withLog(globals, async (engine, config) => {
    const reader = await answerReader(engine, config)
    const nowMs = Date.now()
    const sinceMs = options.since?.(nowMs) ?? nowMs - reader.watchMs
    const findings = noFindings()
    const bar = progress('reading the logs')
    const { topic } = config
    const found = supersededAnswers(
      {
        ...reader,
        log: engine.log,
        topic: topic.name,
        partitions: topic.partitions,
        sinceMs,
        nowMs,
        onProgress: bar.at,
      },
      findings,
    )
    const output = rowOutput(globals.json ? 'json' : options.csv ? 'csv' : 'text', bar.end)
    const counts = { all: 0, lower: 0, undone: 0 }
    await output.begin()
    for await (const one of found) {
      const row = supersededRow(one)
      if (options.branch !== undefined && row.collector_code !== options.branch) continue
      counts.all += 1
      if (row.change === 'lower') counts.lower += 1
      if (row.event.undone_by) counts.undone += 1
      await output.add(row)
    }
    await output.end()
    bar.end()
    const gaps = [...caveatsOf(findings, nowMs).gaps, ...(await openRecorders(engine, findings, sinceMs))]
    for (const remark of caveatsOf(findings, nowMs).remarks) say(remark)
    for (const gap of gaps) say(gap)
    say(summaryOf(findings, counts, config.answers.record))
    if (gaps.length > 0) say('This list is not complete.')
    return gaps.length === 0 ? 0 : 1
  })

const summaryOf = (
  { answers }: AnswerFindings,
  { all, lower, undone }: { readonly all: number; readonly lower: number; readonly undone: number },
  records: boolean,
): string => {
  const parts = [
    `${lower.toLocaleString('en')} of them lower`,
    ...(undone > 0 ? [`${undone.toLocaleString('en')} undone again`] : []),
  ]
  const changed =
    all === 0
      ? 'none has changed'
      : `${all.toLocaleString('en')} ${all === 1 ? 'has' : 'have'} changed, ${parts.join(', ')}`
  return `${plural(answers, 'answer')}: ${changed}${records ? '' : '; answers are not recorded now (answers.record is false)'}`
}

/** The logs are the list; the store only reports gateways that ended without a final entry. */
const openRecorders = async (engine: Engine, findings: AnswerFindings, sinceMs: number): Promise<readonly string[]> => {
  try {
    await engine.ready(CONNECT_MS)
    return recorderGaps(await engine.store.recentAnswers.recorders(), findings, sinceMs)
  } catch {
    // A killed gateway's last answers may be in neither log, and only the store knows of that gateway.
    return [`${engine.names.store} does not answer: a gateway may have ended before it recorded its last answers.`]
  }
}

const CONNECT_MS = 3000
