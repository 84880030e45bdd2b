import type { Redis } from 'ioredis'
import { storeUnavailable } from '../store-unavailable.ts'
import type { RedisConnection } from './connection.ts'
import { expiringKeys } from './expiring-keys.ts'

type RedisFacts = ReadonlyMap<string, string>

const parseInfo = (text: string): RedisFacts =>
  new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )

const isOlder = (version: string, major: number, minor: number): boolean => {
  const [ours = 0, theirs = 0] = version.split('.').map(Number)
  return ours < major || (ours === major && theirs < minor)
}

/** One sentence for each problem; `facts` are the fields of INFO. */
export const problemsOf = (facts: RedisFacts, isCluster: boolean): readonly string[] => {
  const version = facts.get('redis_version')
  const policy = facts.get('maxmemory_policy')
  const problems: string[] = []
  if (version !== undefined && isOlder(version, 6, 2))
    problems.push(`Redis is version ${version}; 6.2 or later is needed.`)
  if (policy === undefined)
    problems.push(
      'Redis does not tell its maxmemory-policy. Allow the user of Redis the command INFO (ACL: +info), or CONFIG GET (ACL: +config|get).',
    )
  else if (policy !== 'noeviction' && !isVolatilePolicy(policy))
    problems.push(
      `The maxmemory-policy of Redis is ${policy}; it must be noeviction or volatile-…, or students would vanish unnoticed.`,
    )
  if (facts.get('role') === 'slave') problems.push('This Redis is a replica; the projection is written to a master.')
  if (facts.get('cluster_enabled') === '1' && !isCluster)
    problems.push('This Redis is a node of a cluster; REDIS_URL must list the nodes, parted by commas.')
  return problems
}

/** With a volatile policy Redis evicts only keys with an expiry. */
export const isVolatilePolicy = (policy: string | undefined): boolean => policy?.startsWith('volatile-') === true

const policyByConfig = async (node: Redis): Promise<readonly [string, string][]> => {
  const reply = (await node.config('GET', 'maxmemory-policy')) as readonly string[]
  return reply[1] === undefined ? [] : [['maxmemory_policy', reply[1]]]
}

/** An access list or a proxy refuses the command. */
const isForbidden = (error: unknown): boolean =>
  error instanceof Error && /^(NOPERM|ERR unknown command|ERR unsupported command)/i.test(error.message)

const infoOf = async (node: Redis): Promise<RedisFacts> => {
  try {
    return parseInfo(await node.info())
  } catch (error) {
    if (isForbidden(error)) return new Map()
    throw error
  }
}

/**
 * Reads the policy from INFO where a managed Redis forbids CONFIG, and from CONFIG where INFO omits it or is forbidden.
 */
export const factsOf = async (node: Redis): Promise<RedisFacts> => {
  const facts = await infoOf(node)
  if (facts.has('maxmemory_policy')) return facts
  return new Map([...facts, ...(await policyByConfig(node).catch(() => []))])
}

/**
 * Problems that only an operator can solve. A cluster with unreachable nodes or uncovered slots counts as unavailable:
 * callers retry, as they do for a single Redis that does not answer.
 * @throws store_unavailable
 */
export const redisProblems = async ({ run, masters, isCluster }: RedisConnection): Promise<readonly string[]> => {
  const problems = new Set<string>()
  const nodes = masters()
  if (nodes.length === 0) throw storeUnavailable('no master of the Redis cluster can be reached')
  for (const node of nodes) {
    const facts = await run(() => factsOf(node))
    for (const problem of problemsOf(facts, isCluster)) problems.add(problem)
    const policy = facts.get('maxmemory_policy')
    if (!isVolatilePolicy(policy)) continue
    for (const key of await run(() => expiringKeys(node)))
      problems.add(
        `The key ${key} expires, and the maxmemory-policy ${policy} may evict it: nothing but leases may expire (PERSIST ${key}).`,
      )
  }
  if (isCluster && !(await run((client) => client.cluster('INFO'))).includes('cluster_state:ok'))
    throw storeUnavailable('the Redis cluster does not cover all its slots (cluster_state is not ok)')
  return [...problems]
}
