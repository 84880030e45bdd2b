import type { Redis } from 'ioredis'
import type { RedisConnection } from './connection.ts'
import { generationPattern, isCheckpointKey, partitionKeys } from './keys.ts'
import type { RunScript } from './script.ts'

const bite = 500

/** Keys of one hash slot can go in one UNLINK; what stands before the closing brace tells the slot. */
const bySlot = (keys: readonly string[]): readonly string[][] =>
  Object.values(Object.groupBy(keys, (key) => key.slice(0, key.indexOf('}')))).map((slot) => slot!)

/**
 * Fences every partition, then walks the key space and unlinks. The fences stay: a writer that was paused meanwhile must
 * find them whenever it comes back.
 */
export const removeGeneration = async (
  connection: RedisConnection,
  runScript: RunScript,
  generation: number,
  partitionCount: number,
  onRemoved: (keys: number) => unknown,
): Promise<void> => {
  const { run, masters } = connection
  for (let partition = 0; partition < partitionCount; partition++) {
    const { checkpoint, lease } = partitionKeys(generation, partition)
    await run((client) => runScript(client, 'retire', [checkpoint, lease], []))
  }
  let removed = 0
  const sweep = async (node: Redis) => {
    let cursor = '0'
    do {
      const scan = () => node.scan(cursor, 'MATCH', generationPattern(generation), 'COUNT', bite)
      const [next, found] = await run(scan)
      const keys = found.filter((key) => !isCheckpointKey(key))
      for (const slot of bySlot(keys)) removed += await run(() => node.unlink(slot))
      if (keys.length > 0) await onRemoved(removed)
      cursor = next
    } while (cursor !== '0')
  }
  for (const node of masters()) await sweep(node)
}
