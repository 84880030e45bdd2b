import { ignoredParts } from '../../../consumers/events/validate.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { plural, print, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { readEventLine } from './event-line.ts'
import { checkFiles } from './lines.ts'
import { readEvents } from './values.ts'

export const eventsValidate: Register = (cli) =>
  cli
    .command('events validate <files...>', 'checks events as the projector would read them; "-" is stdin', [
      'npx pullgate events validate outbox.ndjson',
      'my-erp-export | npx pullgate events validate - --json',
    ])
    .action(cli.run((files: readonly string[]) => runValidate(files, cli.globals())))

/** Checking events needs no configuration: the partition does not matter here. */
const ANY_PARTITIONS = 1
const ANY_PLACE = { partition: 0, offset: 0, timestampMs: 0 } as const
/** They are kept until the problems are printed. */
const MOST_WARNINGS = 1000

/**
 * Every problem of every line: `file:line: pointer: message`, or with `--json` one object. Ignored parts of valid
 * events are warnings. Nothing is repeated of a value.
 */
const runValidate = async (files: readonly string[], globals: Globals): Promise<ExitCode> => {
  checkFiles(files)
  const bar = progress('validating')
  let [events, problems] = [0, 0]
  const warnings: LineProblem[] = []
  const warn = (warning: LineProblem): void => {
    if (!globals.json) say(`warning: ${problemText(warning)}`)
    else if (warnings.length < MOST_WARNINGS) warnings.push(warning)
  }
  if (globals.json) await print('{"problems":[')
  for (const file of files) {
    for await (const line of readEvents(file, process.stdin)) {
      const read = readEventLine(line, ANY_PARTITIONS)
      events += 1
      bar.at(events)
      if (read.kind === 'event') {
        for (const ignored of ignoredParts({ ...ANY_PLACE, ...read.record }))
          warn({ file: line.file, line: line.number, ...ignored })
        continue
      }
      for (const { pointer, message } of read.problems) {
        const at = { file: line.file, line: line.number, pointer, message }
        await print(globals.json ? `${problems === 0 ? '' : ','}${JSON.stringify(at)}` : `${problemText(at)}\n`)
        problems += 1
      }
    }
  }
  bar.end()
  if (globals.json)
    await print(`],"warnings":${JSON.stringify(warnings)},"events":${events},"valid":${problems === 0}}\n`)
  say(`${plural(events, 'event')}, ${problems === 0 ? 'all valid' : plural(problems, 'problem')}`)
  return problems === 0 ? 0 : 1
}

export type LineProblem = {
  readonly file: string
  readonly line: number
  readonly pointer: string
  readonly message: string
}

export const problemText = ({ file, line, pointer, message }: LineProblem): string =>
  `${file}:${line}: ${pointer === '' ? '' : `${pointer}: `}${message}`
