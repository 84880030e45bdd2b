import type { StoreAdmin, StudentPage } from '../../consumers/ports/store.ts'
import { storeUnavailable } from '../store-unavailable.ts'
import { parsePointer } from './active-generation.ts'
import type { RedisClient, RedisConnection } from './connection.ts'
import { retiredMark } from './formats.ts'
import { redisHints } from './hints.ts'
import { parseStudentKey, partitionKeys, storeKeys, studentPattern } from './keys.ts'
import { redisProblems } from './problems.ts'
import { removeGeneration } from './remove-generation.ts'
import type { RunScript } from './script.ts'

type Pointer = number | null

const pageSize = 1000

/** A page's cursor is `<node>:<SCAN cursor>`. The masters are scanned one after the other. */
const studentPage = async (
  { run, masters }: RedisConnection,
  generation: number,
  cursor: string | null,
): Promise<StudentPage> => {
  const nodes = masters().toSorted((a, b) => (nodeName(a) < nodeName(b) ? -1 : 1))
  const [index, from] = (cursor ?? '0:0').split(':') as [string, string]
  const node = nodes[Number(index)]
  if (node === undefined) throw storeUnavailable('no master of the cluster can be reached')
  const [to, keys] = await run(() => node.scan(from, 'MATCH', studentPattern(generation), 'COUNT', pageSize))
  const following = to === '0' ? `${Number(index) + 1}:0` : `${index}:${to}`
  return {
    students: keys.map(parseStudentKey).filter((student) => student !== null),
    next: to === '0' && Number(index) + 1 === nodes.length ? null : following,
  }
}

const nodeName = ({ options }: ReturnType<RedisConnection['masters']>[number]): string =>
  `${options.host}:${options.port}`

const clockOf = async (client: RedisClient): Promise<number> => {
  const [seconds, microseconds] = await client.time()
  return Number(seconds) * 1000 + Number(microseconds) / 1000
}

export const redisAdmin = (connection: RedisConnection, runScript: RunScript, partitionCount: number): StoreAdmin => {
  const { run, close } = connection
  const active = async () => parsePointer(await run((client) => client.get(storeKeys.active)))
  /** True where a removal has ended, was interrupted or is still running. */
  const hasRetired = async (generation: number): Promise<boolean> => {
    const numbers = Array.from({ length: partitionCount }, (_, partition) => partition)
    const keys = numbers.map((partition) => partitionKeys(generation, partition).checkpoint)
    const checkpoints = await Promise.all(keys.map((key) => run((client) => client.get(key))))
    return checkpoints.includes(retiredMark)
  }
  return {
    activeGeneration: active,
    activate: async (from, to) => {
      if (await hasRetired(to)) return false
      const args = [from === null ? '' : String(from), String(to)]
      const { active, former, building, leftovers, generations, removing } = storeKeys
      const keys = [active, former, building, leftovers, generations, removing]
      return (await run((client) => runScript(client, 'activate', keys, args))) === 1
    },
    generations: () =>
      run(async (client) => {
        const { active, former, building, leftovers } = storeKeys
        const [numbers, rest] = await Promise.all([client.mget([active, former, building]), client.smembers(leftovers)])
        const [activeNow, formerNow, buildingNow] = numbers.map(parsePointer) as [Pointer, Pointer, Pointer]
        return { active: activeNow, former: formerNow, building: buildingNow, leftovers: rest.map(Number) }
      }),
    beginBuild: async () => {
      const keys = [storeKeys.building, storeKeys.generations]
      return Number(await run((client) => runScript(client, 'begin-build', keys, [])))
    },
    holdBuild: async (owner, ttlMs) =>
      (await run((client) => runScript(client, 'hold-build', [storeKeys.builder], [owner, String(ttlMs)]))) === 1,
    releaseBuild: async (owner) => {
      await run((client) => runScript(client, 'release-build', [storeKeys.builder], [owner]))
    },
    newGeneration: () => run((client) => client.incr(storeKeys.generations)),
    removeGeneration: async (generation, onRemoved = () => {}) => {
      const { former, building, leftovers, removing } = storeKeys
      const begun = [storeKeys.active, removing]
      // One step with the look at the pointer: an activation comes before it, and forbids it, or is refused after it.
      if ((await run((client) => runScript(client, 'begin-removal', begun, [String(generation)]))) !== 1) return false
      const isActive = async () => (await active()) === generation
      if (!(await removeGeneration(connection, runScript, generation, partitionCount, isActive, onRemoved)))
        return false
      const references = [former, building, leftovers, removing]
      await run((client) => runScript(client, 'forget', references, [String(generation)]))
      return true
    },
    students: (generation, cursor) => studentPage(connection, generation, cursor),
    claim: async (topic) => String(await run((client) => runScript(client, 'claim', [storeKeys.topic], [topic]))),
    problems: () => redisProblems(connection),
    hints: () => redisHints(connection),
    clock: () => run(clockOf),
    close,
  }
}
