import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printJson, printLines } from '../command/output.ts'
import { loadSettings } from '../command/settings.ts'

export const eventsKey: Register = (cli) =>
  cli
    .command('events key <identifier>', 'prints the record key and partition of a student', [
      'npx pullgate events key S-1001',
    ])
    .action(cli.run((identifier: string) => runEventsKey(identifier, cli.globals())))

/** What a publisher must set: the key, and where Java's default partitioner puts it. */
const runEventsKey = async (text: string, globals: Globals): Promise<ExitCode> => {
  const identifier = parseIdentifier(text)
  const { topic } = loadSettings(globals)
  const partition = partitionOf(identifier, topic.partitions)
  if (globals.json) await printJson({ key: identifier, partition, topic: topic.name, partitions: topic.partitions })
  else
    await printLines([
      `key        ${identifier}`,
      `partition  ${partition} of ${topic.partitions} (topic ${topic.name})`,
    ])
  return 0
}
