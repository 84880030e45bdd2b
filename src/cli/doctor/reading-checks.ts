import type { Engine } from '../../../consumers/ports/engine.ts'
import type { Config } from '../../config/load.ts'
import { type DoctorFinding, fail, messageOf, ok } from './finding.ts'

/**
 * Asks every leader for its end, and reads the first and last batch of each partition. A leader advertised under a
 * wrong address, or a batch that cannot be unpacked, is reported here instead of blocking a projector.
 */
export const checkReading = async ({ log }: Engine, { topic }: Config): Promise<readonly DoctorFinding[]> => {
  const numbers = Array.from({ length: topic.partitions }, (_, partition) => partition)
  try {
    const ends = await log.ends(topic.name, numbers)
    const silent = numbers.filter((partition) => !ends.has(partition))
    const findings = await Promise.all(
      [...ends].map(([partition, { next }]) => checkPartition(log, topic.name, partition, next)),
    )
    const found = findings.filter((finding) => finding !== null)
    if (silent.length > 0) found.unshift(silentLeaders(topic.name, silent))
    return found.length > 0 ? found : [ok('reading', 'every leader answers, and every partition can be read')]
  } catch (error) {
    return [fail('reading', `no leader of ${topic.name} answers: ${messageOf(error)}`, ADVERTISED)]
  }
}

const ADVERTISED = 'check that advertised.listeners of each broker can be reached from here'

const silentLeaders = (topic: string, partitions: readonly number[]): DoctorFinding =>
  fail(
    'reading',
    `the leader of partition ${partitions.join(', ')} does not answer`,
    `kafka-topics.sh --describe --topic ${topic} names it; ${ADVERTISED}`,
  )

const checkPartition = async (
  log: Engine['log'],
  topic: string,
  partition: number,
  end: number,
): Promise<DoctorFinding | null> => {
  if (end === 0) return null
  const start = (await log.startOffsets(topic, [partition])).get(partition) ?? 0
  for (const from of new Set([start, Math.max(start, end - 1)])) {
    if (from >= end) continue
    try {
      await log.read(topic, partition, from, { maxBytes: 1, waitMs: 0 })
    } catch (error) {
      const mend = `kafka-dump-log.sh --deep-iteration shows what lies at ${from}; restore the broker's segment, or rebuild from a backup`
      return fail('reading', `partition ${partition} cannot be read at ${from}: ${messageOf(error)}`, mend)
    }
  }
  return null
}
