import { partitionOf } from '../../consumers/partition.ts'
import { parseStudentId } from '../../projections/fields.ts'
import { CliFailure } from './failure.ts'
import type { ExitCode, Globals } from './program.ts'
import { loadSettings } from './settings.ts'

/** What a publisher must set: the key, and where Java's default partitioner puts it. */
export const runEventsKey = (text: string, globals: Globals): ExitCode => {
  const identifier = parseStudentId(text)
  if (identifier === null) throw new CliFailure('An identifier is 1 to 128 characters without control characters', 2)
  const { topic } = loadSettings(globals)
  const partition = partitionOf(identifier, topic.partitions)
  process.stdout.write(
    globals.json
      ? `${JSON.stringify({ key: identifier, partition, topic: topic.name, partitions: topic.partitions })}\n`
      : `key        ${identifier}\npartition  ${partition} of ${topic.partitions} (topic ${topic.name})\n`,
  )
  return 0
}
