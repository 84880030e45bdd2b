import { afterEach, beforeEach, expect, test } from 'vitest'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import { type MemoryLog, memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { type SettingsWatch, watchSettings } from '../../../../src/roles/settings-watch.ts'
import { until } from '../../../support/until.ts'

const TOPIC = { name: 'events', partitions: 2 }

let log: MemoryLog
let storeProblems: readonly string[]
let metrics: Map<string, number>
let lines: string[]
let watch: SettingsWatch

beforeEach(async () => {
  log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC.name, TOPIC.partitions))
  storeProblems = []
  metrics = new Map()
  lines = []
  const store = memoryStore(2)
  const say = (_fields: unknown, message?: string) => void lines.push(message ?? '')
  watch = watchSettings({
    engine: { log, store: { ...store, admin: { ...store.admin, problems: async () => storeProblems } } },
    topic: TOPIC,
    metrics: { set: (_name, labels, value) => void metrics.set(labels['of'] ?? '', value) },
    log: { error: say, info: say, debug: say } as never,
    everyMs: 10,
  })
  await until('it has read once', () => metrics.has('store'))
})
afterEach(async () => {
  watch.close()
  await log.close()
})

const isWrong = async (of: 'log' | 'store', words: string) => {
  await until('it is noticed', () => !watch.isSound())
  expect(metrics.get(of)).toBe(1)
  expect(await watch.check.check()).toMatchObject({ ok: false, blocks: false, detail: expect.stringContaining(words) })
  expect(lines.filter((line) => line.startsWith('settings have changed'))).toHaveLength(1)
}

test('a sound topic and store are sound', async () => {
  expect(watch.isSound()).toBe(true)
  expect(watch.topicProblem()).toBeNull()
  expect(await watch.check.check()).toMatchObject({ ok: true })
})

test.each([
  ['cleanup.policy', 'compact'],
  ['cleanup.policy', 'compact,delete'],
  ['retention.ms', '604800000'],
  ['retention.bytes', '1000'],
  ['message.timestamp.type', 'LogAppendTime'],
])('a topic with %s=%s breaks the log, and no longer once it is mended', async (name, value) => {
  const before = (await log.describe(TOPIC.name))!.settings.get(name)!
  log.setSetting(TOPIC.name, name, value)
  await isWrong('log', `--add-config ${name}=${before}`)
  expect(watch.topicProblem()).toContain(`${name}=${value}`)
  log.setSetting(TOPIC.name, name, before)
  await until('it is mended', () => watch.isSound())
  expect(metrics.get('log')).toBe(0)
})

test('partitions that were added break the log', async () => {
  await log.addPartitions(TOPIC.name, 1)
  await isWrong('log', 'partitions=3')
})

test('a store that evicts is unsound, and its log is not broken', async () => {
  storeProblems = ['The maxmemory-policy of Redis is allkeys-lru']
  await isWrong('store', 'allkeys-lru')
  expect(watch.topicProblem()).toBeNull()
})

test('what was read last stands while nothing can be read', async () => {
  log.setSetting(TOPIC.name, 'cleanup.policy', 'compact')
  await until('it is noticed', () => watch.topicProblem() !== null)
  log.setDown(true)
  await until('it could not be read', () => lines.includes('the settings could not be read'))
  expect(watch.topicProblem()).toContain('compact')
})
