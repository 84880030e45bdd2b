import type { NewRecord } from '../../../consumers/ports/log.ts'
import { partitionOfKey } from '../../../consumers/ports/partition.ts'
import type { Publication } from '../../support/generate.ts'
import { START_MS } from './globals.ts'
import type { World } from './world.ts'

/**
 * The publishers of a run: one after another, in order, over the time of trouble. One that hears no acknowledgement says
 * it again; now and then some are written in a transaction that stays open for a while, or is given up and repeated.
 */
export const publishAll = async (world: World): Promise<void> => {
  const { time, random, counts, servers, log, plan } = world
  const queue = [...plan.publications]
  const pace = plan.troubleMs / Math.max(1, queue.length / 2)
  while (queue.length > 0) {
    await time.sleep(random.below(2 * pace))
    const records = queue.splice(0, 1 + random.below(3)).map((one) => recordOf(world, one))
    if (random.chance(0.04)) await inTransaction(world, records)
    else
      for (;;) {
        if (servers.log.down === 'no') {
          await log.append(records)
          if (!random.chance(0.03)) break
          counts.add('publisher: said it again for want of an acknowledgement')
        }
        await time.sleep(100 + random.below(300))
      }
  }
}

const BEAT_MS = 400

/** A publisher that has nothing else to say, unless it is silent. */
export const beat = async ({ time, random, servers, log, plan, counts }: World): Promise<void> => {
  const { heartbeat, topic, partitions } = plan.settings
  if (heartbeat === null) return
  for (let n = 1; ; n++) {
    await time.sleep(BEAT_MS / 2 + random.below(BEAT_MS))
    if (servers.publisherIsSilent || servers.log.down !== 'no') continue
    const { source } = heartbeat
    const event = { specversion: '1.0', id: `beat-${n}`, source, type: 'erp.heartbeat.v1', time: BEGAN }
    await log.append([
      {
        topic,
        partition: random.below(partitions),
        key: null,
        value: Buffer.from(JSON.stringify(event)),
        headers: [],
        timestampMs: START_MS + Math.floor(time.now()),
      },
    ])
    counts.add('publisher: said that it is alive')
  }
}

const BEGAN = new Date(START_MS).toISOString()

const inTransaction = async (
  { time, random, counts, log, servers }: World,
  records: readonly NewRecord[],
): Promise<void> => {
  for (let isAborted = random.chance(0.3); ; isAborted = false) {
    while (servers.log.down !== 'no') await time.sleep(100)
    const transaction = log.transaction()
    transaction.append(records)
    await time.sleep(random.below(1500))
    counts.add(isAborted ? 'publisher: aborted a transaction' : 'publisher: committed a transaction')
    if (!isAborted) return transaction.commit()
    transaction.abort()
  }
}

const recordOf = ({ plan, time }: World, { partition, key, value, headers }: Publication): NewRecord => {
  const { topic, partitions } = plan.settings
  return {
    topic,
    partition: partition ?? partitionOfKey(key ?? Buffer.alloc(0), partitions),
    key,
    value,
    headers,
    timestampMs: START_MS + Math.floor(time.now()),
  }
}
