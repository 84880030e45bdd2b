import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { print, printJson, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { asJson, asLine, asText, type Choice, checkChoice, chosen } from './letters.ts'

export const dlqShow: Register = (cli) =>
  cli
    .command('dlq show [identifier]', 'shows dead letters whole', [
      'npx pullgate dlq show S-1001',
      'npx pullgate dlq show --at 7:104',
    ])
    .option('--at <partition:offset>', 'the one that lay there in the log')
    .option('--all', 'all of them')
    .action(
      cli.run((identifier: string | undefined, options: Choice) => {
        checkChoice(identifier, options)
        return runDlqShow(identifier, options, cli.globals())
      }),
    )

const runDlqShow = (identifier: string | undefined, options: Choice, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await chosen(engine, config, identifier, options, { settledToo: true })
    if (globals.json) await printJson(letters.map(asJson))
    else
      for (const letter of letters) {
        await printLines([asLine(letter)])
        await print(`${asText(letter.record)}\n`)
      }
    return 0
  })
