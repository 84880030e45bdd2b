import { loadStudent } from '../../../consumers/dead-letters/read.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { Config } from '../../config/load.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { print, printLines } from '../command/output.ts'
import { keepHeapSmall } from '../command/small-heap.ts'
import { withEngine } from '../command/with-engine.ts'
import { wouldChangeLines } from '../student/change-lines.ts'
import { changesBySnapshot, isStaleSnapshot } from '../student/refused-snapshot.ts'
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
    .command('dlq show [identifier]', 'prints dead letters with the whole event', [
      'npx pullgate dlq show S-1001',
      'npx pullgate dlq show --at 7:104',
    ])
    .option('--at <partition:offset>', 'the dead letter of the record at this position')
    .option('--all', 'all dead letters')
    .option(...SOURCE_OPTION)
    .action(
      cli.run((identifier: string | undefined, options: Choice) => {
        checkChoice(identifier, options)
        keepHeapSmall()
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
            await printLines(await wouldChange(letter, engine, config))
          }
      }
    if (options.at !== undefined) checkNamed(options.at, first, true)
    if (globals.json) await json.end()
    return 0
  })

/** For an open letter of a stale snapshot: what the snapshot would change. */
const wouldChange = async (
  { detail, identifier, standing, record }: DecidableLetter,
  { store }: Engine,
  { topic, timezone }: Config,
): Promise<readonly string[]> => {
  if (identifier === null || standing === 'settled' || !isStaleSnapshot(detail)) return []
  const generation = await store.admin.activeGeneration()
  const partition = partitionOf(identifier, topic.partitions)
  const student = generation === null ? null : await loadStudent(store.writer, generation, partition, identifier)
  return student ? wouldChangeLines(changesBySnapshot(student, record, calendarOf(timezone))) : []
}
