import type { Redis } from 'ioredis'
import type { RedisConnection } from './connection.ts'
import { generationPattern, isCheckpointKey, partitionKeys } from './keys.ts'
import type { RunScript } from './script.ts'

const bite = 500

/** Keys of one hash slot can go in one UNLINK; what stands before the closing brace tells the slot. */
const bySlot = (keys: readonly string[]): readonly string[][] =>
  Object.values(Object.groupBy(keys, (key) => key.slice(0, key.indexOf('}')))).map((slot) => slot!)

const partitionIn = (key: string): number => Number(key.slice(key.indexOf('{') + 1, key.indexOf('}')))

/**
 * Fences every partition, then walks the key space and unlinks. The fences stay: a writer that was paused meanwhile must
 * find them whenever it comes back. A store that is emptied meanwhile gives the number out again: what is active is left
 * alone, and so is what bears no fence. False where it is active.
 */
export const removeGeneration = async (
  connection: RedisConnection,
  runScript: RunScript,
  generation: number,
  partitionCount: number,
  isActive: () => Promise<boolean>,
  onRemoved: (keys: number) => unknown,
): Promise<boolean> => {
  const { run, masters } = connection
  for (let partition = 0; partition < partitionCount; partition++) {
    if (await isActive()) return false
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
      for (const slot of bySlot(keys)) {
        const { checkpoint } = partitionKeys(generation, partitionIn(slot[0]!))
        removed += Number(await run(() => runScript(node, 'unlink-retired', [checkpoint, ...slot], [])))
      }
      if (keys.length > 0) await onRemoved(removed)
      cursor = next
    } while (cursor !== '0')
  }
  for (const node of masters()) await sweep(node)
  return true
}
