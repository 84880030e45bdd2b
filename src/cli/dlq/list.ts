import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printJson, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { asJson, asLine, knownLetters } from './letters.ts'

export const dlqList: Register = (cli) =>
  cli
    .command('dlq list [identifier]', 'lists dead letters, open and settled', [
      'npx pullgate dlq list',
      'npx pullgate dlq list S-1001 --json',
    ])
    .action(cli.run((identifier: string | undefined) => runDlqList(identifier, cli.globals())))

const runDlqList = (identifier: string | undefined, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await knownLetters(engine, config, identifier === undefined ? null : parseIdentifier(identifier))
    if (globals.json) await printJson(letters.map(asJson))
    else await printLines(letters.length === 0 ? ['no dead letters'] : letters.map(asLine))
    return 0
  })
