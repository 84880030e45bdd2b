import type { Redis } from 'ioredis'
import type { RedisConnection } from './connection.ts'
import { generationPattern, isCheckpointKey, partitionKeys } from './keys.ts'
import type { RunScript } from './script.ts'

const bite = 500

/** One UNLINK takes keys of one hash slot; the text before the closing brace identifies the slot. */
const bySlot = (keys: readonly string[]): readonly string[][] =>
  Object.values(Object.groupBy(keys, (key) => key.slice(0, key.indexOf('}')))).map((slot) => slot!)

const partitionIn = (key: string): number => Number(key.slice(key.indexOf('{') + 1, key.indexOf('}')))

/**
 * Marks every partition as retired, then scans the keys and unlinks them. The marks stay, so that a writer that was
 * paused finds them whenever it resumes.
 * A store that was emptied in the meantime may assign the number again. The active generation and partitions without
 * the mark are therefore left unchanged. Returns false where the generation is active.
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
