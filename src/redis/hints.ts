import type { RedisConnection } from './connection.ts'
import { factsOf, isVolatilePolicy } from './problems.ts'

/** Settings that allow a start but deserve a warning, one sentence each. `facts` are the fields of INFO. */
export const hintsOf = (facts: ReadonlyMap<string, string>): readonly string[] => {
  const hints: string[] = []
  if (facts.get('aof_enabled') === '0')
    hints.push(
      'Redis keeps no append-only file (appendonly no): after a crash it may go back in time, and what it lost is read again from the log meanwhile',
    )
  const policy = facts.get('maxmemory_policy')
  if (isVolatilePolicy(policy))
    hints.push(
      `Redis may evict keys that expire (maxmemory-policy ${policy}); of Pullgate's keys these are leases alone, and noeviction would keep them too`,
    )
  const [used, most] = [Number(facts.get('used_memory') ?? 0), Number(facts.get('maxmemory') ?? 0)]
  if (most > 0 && used > most * 0.9)
    hints.push(
      `Redis uses ${Math.round((used / most) * 100)} % of its maxmemory; when it is full, nothing can be written`,
    )
  return hints
}

export const redisHints = async ({ run, masters }: RedisConnection): Promise<readonly string[]> => {
  const hints = new Set<string>()
  for (const node of masters()) for (const hint of hintsOf(await run(() => factsOf(node)))) hints.add(hint)
  return [...hints]
}
