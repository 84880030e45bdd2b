import { type Mutation, SIMULATION, tests } from './mutation.ts'

const SCOUT_SCRIPT = 'src/redis/lua/scout.lua'
const REDIS_SUITE = tests('test/contract/store-redis.test.ts')

/** What a student's own freshness rests on, while the partition is behind. */
export const SCOUT_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'a student who has an event in the backlog is not answered for',
    file: 'src/pull/freshness.ts',
    search: '  scouted.mark < next',
    replace: '  true',
    catcher: SIMULATION,
  },
  {
    guard: 'the scout has reached the end that was asked for',
    file: 'src/pull/freshness.ts',
    search: '  scouted.upTo >= end &&\n',
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'the scout began no later than at the checkpoint',
    file: 'src/pull/freshness.ts',
    search: '  scouted.from <= next &&\n',
    replace: '',
    catcher: tests('test/contract/scout-reads.test.ts'),
  },
  {
    guard: 'what was scanned of another log proves nothing',
    file: 'src/pull/freshness.ts',
    search: '  scouted.identity === identity &&\n',
    replace: '',
    catcher: tests('test/property/scout-interleavings.test.ts', 'test/unit/src/pull/freshness.test.ts'),
  },
  {
    guard: 'a record that may be anybody’s holds everybody',
    file: 'src/pull/freshness.ts',
    search: '  scouted.everybody < next &&\n',
    replace: '',
    catcher: tests('test/unit/src/pull/freshness.test.ts'),
  },
  {
    guard: 'a late scout lowers no mark',
    file: 'consumers/ports/scout-ledger.ts',
    search: 'Math.max(offset, marks.get(id) ?? offset)',
    replace: 'offset',
    catcher: tests('test/contract/scout-reads.test.ts'),
  },
  {
    guard: 'a late scout lowers no mark, in the Redis script',
    file: SCOUT_SCRIPT,
    search: "'ZADD', KEYS[3], 'GT',",
    replace: "'ZADD', KEYS[3],",
    catcher: REDIS_SUITE,
  },
  {
    guard: 'a range grows only by what touches it, in the Redis script',
    file: SCOUT_SCRIPT,
    search: '  and tonumber(ARGV[2]) <= tonumber(upTo)\n',
    replace: '',
    catcher: REDIS_SUITE,
  },
  {
    guard: 'a range shrinks with the marks that are dropped, in the Redis script',
    file: SCOUT_SCRIPT,
    search: '    store(from, upTo, everybody, misrouted)\n    redis',
    replace: '    redis',
    catcher: tests('test/contract/store-redis.test.ts', 'test/contract/store-equivalence.test.ts'),
  },
  {
    guard: 'a misrouted record that is not applied yet makes everybody need every partition',
    file: 'src/pull/read-projection.ts',
    search: 'const isMisrouted = isPending ||',
    replace: 'const isMisrouted =',
    catcher: tests('test/unit/src/pull/read-projection.test.ts'),
  },
  {
    guard: 'a definite absence needs all of every partition, however far it was scanned',
    file: 'src/pull/read-projection.ts',
    search: "need === 'every_partition' || query",
    replace: 'query',
    catcher: tests('test/unit/src/pull/read-projection.test.ts'),
  },
  {
    guard: 'a publisher is dead only once every partition is applied',
    file: 'src/pull/read-projection.ts',
    search: '  await checkFreshness(deps.proof, allPartitions(deps), deadline)\n',
    replace: '',
    catcher: tests('test/unit/src/pull/read-projection.test.ts'),
  },
  {
    guard: 'an answer for its student alone dates no partition',
    file: 'src/pull/pull.ts',
    search: "proven.covers === 'partitions'",
    replace: 'true',
    catcher: tests('test/unit/src/pull/pull-ahead.test.ts'),
  },
  {
    guard: 'members whose names are written with escapes are scanned',
    file: 'consumers/scout/identifiers.ts',
    search: 'if (hasEscapes) findEscaped(json, found)',
    replace: '',
    catcher: tests('test/property/scan.test.ts'),
  },
]
