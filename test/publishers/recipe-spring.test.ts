import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { compileRecipe, outboxEvents, type RecipeWorld, recipeWorld } from './recipe-world.ts'
import { KITS, recipeRuntime } from './runtimes.ts'
import { call } from './shell.ts'

const FOLDER = join(KITS, 'spring-cloud-stream')

let world: RecipeWorld
let command: readonly string[] | null = null

beforeAll(async () => {
  const runtime = await recipeRuntime(join(FOLDER, 'pom.xml'))
  if (runtime === null) return
  world = await recipeWorld()
  command = await compileRecipe(runtime, join(FOLDER, 'StreamPublisher.java'), 'StreamPublisher', world.folder)
}, 300_000)
afterAll(() => world?.close())

test('events sent with Spring Cloud Stream arrive byte for byte, on the right partition', async (context) => {
  if (command === null) return context.skip('no JDK and Maven for the Spring recipe here')
  const [first = '', ...rest] = command
  const ids = ['S-1', 'Ä/B 12', '学生-7']
  const lines = ids.flatMap((id) => outboxEvents(id, '25000').map((event) => `${id}\t${JSON.stringify(event)}`))
  const settings = `--spring.config.location=file:${join(FOLDER, 'application.properties')}`
  const ended = await call(first, [...rest, settings], {
    timeoutMs: 150_000,
    input: `${lines.join('\n')}\n`,
    env: { KAFKA_BROKERS: sharedBrokers(), PULLGATE_TOPIC: world.topic, JAVA_TOOL_OPTIONS: '-Dfile.encoding=UTF-8' },
  })
  expect(ended.code, ended.output).toBe(0)
  for (const id of ids) expect(await world.answer(id)).toContain('"fee_amount":25000}')
  const records = await world.records(world.topic)
  expect(records.map(({ key, value }) => `${Buffer.from(key!)}\t${Buffer.from(value!)}`).toSorted()).toEqual(
    lines.toSorted(),
  )
  expect(await world.metric('pullgate_misrouted_total')).toBe(0)
  expect(await world.metric('pullgate_dead_letters_total')).toBe(0)
}, 180_000)
