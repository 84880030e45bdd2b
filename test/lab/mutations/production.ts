import { type Mutation, tests } from './mutation.ts'

/** Guards of what the program meets in other people's clouds: log-ins, eviction, compressed answers, forgetting. */
export const PRODUCTION_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'a refused token is a refusal',
    file: 'src/kafka/login/bearer-login.ts',
    search: 'if (answer.length > LENGTH_BYTES) throw new LoginRefused(reasonOf(answer))',
    replace: 'if (answer.length < 0) throw new LoginRefused(reasonOf(answer))',
    catcher: tests('test/integration/kafka-logins.test.ts'),
  },
  {
    guard: 'a token is renewed before it ends',
    file: 'src/kafka/login/token.ts',
    search: 'next.endsAtMs - Math.min(MARGIN_MS, lifeMs / 2)',
    replace: 'next.endsAtMs + Math.min(MARGIN_MS, lifeMs / 2)',
    catcher: tests('test/unit/src/kafka/login.test.ts'),
  },
  {
    guard: 'the password of Redis is read at every connection',
    file: 'src/redis/fresh-login.ts',
    search: 'last = readCredential(credential)',
    replace: 'last ??= readCredential(credential)',
    catcher: tests('test/integration/redis-logins.test.ts'),
  },
  {
    guard: 'nothing that matters may expire where Redis evicts what expires',
    file: 'src/redis/expiring-keys.ts',
    search: 'ends[index]! >= 0',
    replace: 'ends[index]! >= Number.POSITIVE_INFINITY',
    catcher: tests('test/integration/redis-offerings.test.ts'),
  },
  {
    guard: 'all partitions together unpack no more than their budget',
    file: 'src/log/unpack-budget.ts',
    search: 'before + bytes <= UNPACKED_BYTES_AT_MOST',
    replace: 'before >= 0',
    catcher: tests('test/unit/src/log/partition-queue.test.ts', 'test/unit/src/kafka/protocol/codecs.test.ts'),
  },
  {
    guard: 'what is being removed is not activated',
    file: 'src/redis/lua/activate.lua',
    search: "if redis.call('SISMEMBER', KEYS[6], ARGV[2]) == 1 then return 0 end\n",
    replace: '',
    catcher: tests('test/integration/removal-emptied.test.ts'),
  },
  {
    guard: 'a fetch is unpacked in parts',
    file: 'src/kafka/protocol/read-batches.ts',
    search: 'at < shown.length && bytes < PART.bytes',
    replace: 'at < shown.length',
    catcher: tests('test/unit/src/kafka/protocol/record-batches.test.ts'),
  },
  {
    guard: 'a compressed answer unpacks to 1 MiB at most',
    file: 'src/erp/decode-body.ts',
    search: 'gunzipSync(body, { maxOutputLength: maxBytes })',
    replace: 'gunzipSync(body, { maxOutputLength: maxBytes * 100 })',
    catcher: tests('test/integration/erp-access.test.ts'),
  },
  {
    guard: 'the numbers of what an export forgets are not missing',
    file: 'consumers/history/forget-erased.ts',
    search: 'plan?.erasure === placeOf(record) ? plan.numbers : []',
    replace: "plan?.erasure === '' ? plan.numbers : []",
    catcher: tests('test/property/export-forget-erased.test.ts'),
  },
  {
    guard: 'a certificate of Kafka is read at every connection',
    file: 'src/tls-files.ts',
    search: 'last = Object.fromEntries(texts) as TlsTexts',
    replace: 'last ??= Object.fromEntries(texts) as TlsTexts',
    catcher: tests('test/unit/src/metrics/told-metrics.test.ts'),
  },
  {
    guard: 'twenty unknown fields of an event are compared, and no more',
    file: 'projections/events/unknown-fields.ts',
    search: 'else if (compared < MOST_COMPARED) {',
    replace: 'else if (compared >= 0) {',
    catcher: tests('test/unit/consumers/events/ignored-parts.test.ts'),
  },
]
