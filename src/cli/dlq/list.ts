import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printLines } from '../command/output.ts'
import { keepHeapSmall } from '../command/small-heap.ts'
import { withEngine } from '../command/with-engine.ts'
import { jsonArray } from './json-array.ts'
import { asJson, asLine, type Choice, knownLetters, type LetterFilter, partitionsOf, SOURCE_OPTION } from './letters.ts'

export const dlqList: Register = (cli) =>
  cli
    .command('dlq list [identifier]', 'lists dead letters, open and settled', [
      'npx pullgate dlq list',
      'npx pullgate dlq list S-1001 --json',
    ])
    .option(...SOURCE_OPTION)
    .action(
      cli.run((identifier: string | undefined, { source }: Choice) => {
        if (identifier !== undefined) parseIdentifier(identifier)
        keepHeapSmall()
        return runDlqList({ identifier, source }, cli.globals())
      }),
    )

/** Some letters at a time: a million of them never lie in memory. */
const runDlqList = (filter: LetterFilter, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const json = jsonArray()
    let count = 0
    for (const partition of partitionsOf(config, filter))
      for await (const letters of knownLetters(engine, config, partition, filter)) {
        count += letters.length
        if (globals.json) await json.add(letters.map(asJson))
        else await printLines(letters.map(asLine))
      }
    if (globals.json) await json.end()
    else if (count === 0) await printLines(['no dead letters'])
    return 0
  })
