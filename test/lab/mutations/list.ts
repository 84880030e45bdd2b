import { ANSWERS_MUTATIONS } from './answers.ts'
import { BROKER_MUTATIONS } from './brokers.ts'
import { CORE_MUTATIONS } from './core.ts'
import { EDGE_MUTATIONS } from './edge.ts'
import { ERP_MUTATIONS } from './erp.ts'
import { MONEY_MUTATIONS } from './money.ts'
import { type Mutation, SIMULATION, tests } from './mutation.ts'
import { PRODUCTION_MUTATIONS } from './production.ts'
import { SCOUT_MUTATIONS } from './scout.ts'

const MEMORY_STORE = 'src/memory/store-partition.ts'
const APPLY_SCRIPT = 'src/redis/lua/apply.lua'
const REDIS_SUITE = tests('test/contract/store-redis.test.ts')

export const MUTATIONS: readonly Mutation[] = [
  {
    guard: 'compare-and-set of the checkpoint',
    file: MEMORY_STORE,
    search: "if (retired) return { kind: 'retired' }",
    replace: "return { kind: retired ? 'retired' : 'applied' }",
    catcher: SIMULATION,
  },
  {
    guard: 'behind: the store lost acknowledged writes',
    file: MEMORY_STORE,
    search: "return checkpoint.next < expected ? { kind: 'behind', at: checkpoint.next } : { kind: 'applied' }",
    replace: "return { kind: 'applied' }",
    catcher: SIMULATION,
  },
  {
    guard: 'ahead: somebody else has written',
    file: MEMORY_STORE,
    search: "if (expected === null || checkpoint.next > expected) return { kind: 'ahead', at: checkpoint.next }",
    replace: "if (expected === null || checkpoint.next > expected) return { kind: 'applied' }",
    catcher: SIMULATION,
  },
  {
    guard: 'absent: the store was emptied',
    file: MEMORY_STORE,
    search: "return expected === null ? { kind: 'applied' } : { kind: 'absent' }",
    replace: "return { kind: 'applied' }",
    catcher: SIMULATION,
  },
  {
    guard: 'behind, in the Redis script',
    file: APPLY_SCRIPT,
    search: 'if tonumber(at) < tonumber(ARGV[1]) then return { 1, at } end',
    replace: '',
    catcher: REDIS_SUITE,
  },
  {
    guard: 'ahead, in the Redis script',
    file: APPLY_SCRIPT,
    search: "if ARGV[1] == '' or tonumber(at) > tonumber(ARGV[1]) then return { 2, at } end",
    replace: "if ARGV[1] == '' then return { 2, at } end",
    catcher: REDIS_SUITE,
  },
  {
    guard: 'absent, in the Redis script',
    file: APPLY_SCRIPT,
    search: "if not at and ARGV[1] ~= '' then return { 3, '' } end",
    replace: '',
    catcher: REDIS_SUITE,
  },
  {
    guard: 'fencing of removed generations, in the Redis script',
    file: APPLY_SCRIPT,
    search: "if stored == 'retired' then return { 4, '' } end",
    replace: "if stored == 'retired' then stored = false end",
    catcher: REDIS_SUITE,
  },
  {
    guard: 'fencing of removed generations',
    file: MEMORY_STORE,
    search: "if (retired) return { kind: 'retired' }",
    replace: '',
    catcher: tests('test/contract/store-memory.test.ts'),
  },
  {
    guard: 'a removal touches only what is fenced, in the Redis script',
    file: 'src/redis/lua/unlink-retired.lua',
    search: "if redis.call('GET', KEYS[1]) ~= 'retired' then return 0 end",
    replace: '',
    catcher: tests('test/integration/removal-emptied.test.ts'),
  },
  {
    guard: 'a rebuild that finds a difference does not switch',
    file: 'src/rebuild/rebuild.ts',
    search: 'comparison.differences.length > 0 && !options.acceptDifferences',
    replace: 'comparison.differences.length < 0',
    catcher: SIMULATION,
  },
  {
    guard: 'a switch only from the generation that was active when it was begun',
    file: 'src/memory/store.ts',
    search: 'if (contents.active !== from || numbers',
    replace: 'if (numbers',
    catcher: tests('test/contract/store-memory.test.ts'),
  },
  {
    guard: 'the lease compares the checkpoint of an idle partition',
    file: 'src/memory/store.ts',
    search: 'const result = compare(partition, proof.next)',
    replace: "const result = { kind: 'applied' } as const",
    catcher: SIMULATION,
  },
  {
    guard: 'a suspect student is not answered for',
    file: 'src/pull/decide.ts',
    search: "if (finding.suspect) return 'suspect'",
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'the freshness barrier',
    file: 'src/pull/freshness.ts',
    search: "return next === end ? 'proven' : 'behind'",
    replace: "return 'proven'",
    catcher: SIMULATION,
  },
  {
    guard: 'a branch whose publisher is silent is not answered for',
    file: 'src/pull/read-projection.ts',
    search: 'if (!(await arePublishersAlive(deps, first.read, query, deadline))) return behind(first)',
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'a lookup by custom identifier needs every partition',
    file: 'src/pull/match-enrolment.ts',
    search: 'const oldest = partitions.map((view) => views.reduce(olderOf, view))',
    replace: 'const oldest = views.map((view) => views.reduce(olderOf, view))',
    catcher: SIMULATION,
  },
  {
    guard: 'a missing checkpoint proves nothing',
    file: 'src/pull/freshness.ts',
    search: "if (next === null) return 'behind'",
    replace: "if (next === null) return 'proven'",
    catcher: SIMULATION,
  },
  {
    guard: 'a checkpoint proves nothing about another log',
    file: 'src/pull/check-freshness.ts',
    search:
      "if (checkpoint && log && !hasIdentity(checkpoint.metadata, log.identity)) return { freshness: 'behind', covers }",
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'back-pressure: what is fetched and waits is bounded',
    file: 'src/log/partition-queue.ts',
    search: 'return waiting >= WAITING_BYTES_AT_MOST ?',
    replace: 'return waiting >= Number.MAX_SAFE_INTEGER ?',
    catcher: tests('test/integration/back-pressure.test.ts'),
  },
  {
    guard: 'single flight to an ERP',
    file: 'src/erp/single-flight.ts',
    search: 'flying.get(key) ?? start(key, deadlineMs, work)',
    replace: 'start(key, deadlineMs, work)',
    catcher: tests('test/integration/erp-calls.test.ts'),
  },
  {
    guard: 'the bulkhead before an ERP',
    file: 'src/erp/bulkhead.ts',
    search: 'return inside < Math.floor(limit) && ',
    replace: 'return ',
    catcher: tests('test/integration/erp-calls.test.ts'),
  },
  ...ANSWERS_MUTATIONS,
  ...SCOUT_MUTATIONS,
  ...BROKER_MUTATIONS,
  ...EDGE_MUTATIONS,
  ...ERP_MUTATIONS,
  ...PRODUCTION_MUTATIONS,
  ...MONEY_MUTATIONS,
  {
    guard: 'a leader that no other broker names',
    file: 'src/kafka/offsets.ts',
    search: 'if (next === null || !isVouched(answer)) return []',
    replace: 'if (next === null) return []',
    catcher: tests('test/integration/kafka-cluster.test.ts'),
  },
  {
    guard: 'a leader that was replaced',
    file: 'src/kafka/topic-view.ts',
    search: 'if ((highest.get(claim.partition)?.epoch ?? -1) > claim.epoch) return false',
    replace: '',
    catcher: tests('test/unit/src/kafka/topic-view.test.ts'),
  },
  {
    guard: 'the age of metadata',
    file: 'src/kafka/topic-view.ts',
    search: 'askedMs < sinceMs || ',
    replace: '',
    catcher: tests('test/unit/src/kafka/topic-view.test.ts'),
  },
  {
    guard: 'the number of partitions, in pulls',
    file: 'src/pull/ends.ts',
    search: 'if (partitions !== configured) return false',
    replace: '',
    catcher: tests('test/unit/src/pull/ends.test.ts'),
  },
  {
    guard: 'a pull never uses a look-up that began before it came',
    file: 'src/pull/ends.ts',
    search: '    const served = waiting\n    waiting = []',
    replace: '    const served = waiting',
    catcher: tests('test/unit/src/pull/ends.test.ts'),
  },
  {
    guard: 'two look-ups are in flight at most',
    file: 'src/pull/ends.ts',
    search: ' || inFlight === MOST_IN_FLIGHT',
    replace: '',
    catcher: tests('test/unit/src/pull/ends.test.ts'),
  },
  {
    guard: 'settings that may lose events, in pulls',
    file: 'src/pull/check-freshness.ts',
    search: 'if (!deps.isSound())',
    replace: 'if (false)',
    catcher: tests('test/unit/src/pull/check-freshness.test.ts'),
  },
  ...CORE_MUTATIONS,
]
