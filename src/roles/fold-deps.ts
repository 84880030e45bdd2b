import { deadLetterTopic } from '../../consumers/dead-letters/write.ts'
import type { Engine } from '../../consumers/ports/engine.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { Config } from '../config/load.ts'

/** What everybody needs who makes a projection of this configuration's log. */
export const foldDeps = ({ log, store }: Engine, { topic, policy, timezone }: Config) => ({
  log,
  store: store.writer,
  admin: store.admin,
  deadLetters: deadLetterTopic(log, topic.name),
  topic: topic.name,
  partitions: topic.partitions,
  signature: signatureOf(policy, timezone, topic.name, topic.partitions),
  rendering: { policy, calendar: calendarOf(timezone) },
  partitionOf: (identifier: string) => partitionOf(identifier, topic.partitions),
  clock: Date.now,
})
