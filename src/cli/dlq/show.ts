import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { print, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { jsonArray } from './json-array.ts'
import {
  asJson,
  asLine,
  asText,
  type Choice,
  checkChoice,
  checkNamed,
  type DecidableLetter,
  knownLetters,
  partitionsOf,
  SOURCE_OPTION,
} from './letters.ts'

export const dlqShow: Register = (cli) =>
  cli
    .command('dlq show [identifier]', 'shows dead letters whole', [
      'npx pullgate dlq show S-1001',
      'npx pullgate dlq show --at 7:104',
    ])
    .option('--at <partition:offset>', 'the one that lay there in the log')
    .option('--all', 'all of them')
    .option(...SOURCE_OPTION)
    .action(
      cli.run((identifier: string | undefined, options: Choice) => {
        checkChoice(identifier, options)
        return runDlqShow(identifier, options, cli.globals())
      }),
    )

const runDlqShow = (identifier: string | undefined, options: Choice, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const filter = { identifier, source: options.source, at: options.at }
    const json = jsonArray()
    let first: DecidableLetter | undefined
    for (const partition of partitionsOf(config, filter))
      for await (const letters of knownLetters(engine, config, partition, filter)) {
        first ??= letters[0]
        if (globals.json) await json.add(letters.map(asJson))
        else
          for (const letter of letters) {
            await printLines([asLine(letter)])
            await print(`${asText(letter.record)}\n`)
          }
      }
    if (options.at !== undefined) checkNamed(options.at, first, true)
    if (globals.json) await json.end()
    return 0
  })
