/** What must notice that a guard is gone: the simulation, or named test files. */
export type Catcher = { readonly kind: 'simulation' } | { readonly kind: 'tests'; readonly files: readonly string[] }

/** One guard, taken out: in `file`, `search` (which stands there exactly once) becomes `replace`. */
export type Mutation = {
  readonly guard: string
  readonly file: string
  readonly search: string
  readonly replace: string
  readonly catcher: Catcher
}

const SIMULATION: Catcher = { kind: 'simulation' }
const tests = (...files: string[]): Catcher => ({ kind: 'tests', files })

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
    search: 'if (!(await arePublishersAlive(deps, first.read, query))) return behind(first)',
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
    search: "if (checkpoint && log && !hasIdentity(checkpoint.tail, log.identity)) return 'behind'",
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'a student whom no key named is loaded before it is folded',
    file: 'consumers/projector/chunk.ts',
    search: "if (missing.length > 0) return { kind: 'missing', ids: missing }",
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'a repeated event is known by its id',
    file: 'projections/sequence/sequence.ts',
    search: 'sawEvent(student.seen, event.envelope) ||',
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'a record that was moved twice counts once',
    file: 'consumers/projector/sort-batch.ts',
    search: 'if (isKnown(known, from.offset)) {',
    replace: 'if (isKnown(known, from.offset) && record.offset < 0) {',
    catcher: SIMULATION,
  },
  {
    guard: 'an early event is held',
    file: 'projections/sequence/sequence.ts',
    search: "const HOLD: Judgement = { kind: 'hold' }",
    replace: "const HOLD: Judgement = { kind: 'apply' }",
    catcher: SIMULATION,
  },
  {
    guard: 'dead letters are written before the checkpoint moves',
    file: 'consumers/projector/partition-worker.ts',
    search: 'await deps.deadLetters.write(',
    replace: 'void (',
    catcher: SIMULATION,
  },
  {
    guard: 'no dead letter is judged by lost writes',
    file: 'consumers/projector/partition-worker.ts',
    search: 'letters.length > 0 ? await standingAt(store, partition, at) : APPLIED',
    replace: 'APPLIED',
    catcher: tests('test/unit/consumers/projector/partition-worker.test.ts'),
  },
  {
    guard: 'misrouted records are moved before the checkpoint moves',
    file: 'consumers/projector/partition-worker.ts',
    search: 'await reroute(misrouted, at.tail.identity)',
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
    search: `      if (inside < Math.floor(limit)) {
        inside++
        return 'entered'`,
    replace: `      if (inside < Number.MAX_SAFE_INTEGER) {
        inside++
        return 'entered'`,
    catcher: tests('test/integration/erp-calls.test.ts'),
  },
]
