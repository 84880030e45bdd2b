import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'
import { compileRecipe, outboxEvents, type RecipeWorld, recipeWorld } from './recipe-world.ts'
import { KITS, recipeRuntime } from './runtimes.ts'
import { call } from './shell.ts'

const recipe = (name: string): string => fileURLToPath(new URL(`recipes/${name}`, import.meta.url))
const CONNECTOR = join(KITS, 'debezium', 'connector.json')
const EXPANDED = {
  'transforms.outbox.table.expand.json.payload': 'true',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let world: RecipeWorld
let command: readonly string[] | null = null

beforeAll(async () => {
  const runtime = await recipeRuntime(recipe('debezium.pom.xml'))
  if (runtime === null) return
  world = await recipeWorld()
  command = await compileRecipe(runtime, recipe('Router.java'), 'Router', world.folder)
}, 300_000)
afterAll(() => world?.close())

/** Rows of the outbox through the event router, with the connector's configuration and what overrides it. */
const route = async (rows: readonly { identifier: string; sequence: string; event: string }[], over = {}) => {
  const [first = '', ...rest] = command!
  const input = rows
    .map(({ identifier, sequence, event }, index) =>
      JSON.stringify({ position: index + 1, identifier, sequence: Number(sequence), event }),
    )
    .join('\n')
  const own = { 'transforms.outbox.route.topic.replacement': world.topic, ...over }
  const ended = await call(first, [...rest, CONNECTOR, JSON.stringify(own)], {
    timeoutMs: 100_000,
    input: `${input}\n`,
    env: { KAFKA_BROKERS: sharedBrokers() },
  })
  expect(ended.code, ended.output).toBe(0)
}

const rowsOf = (identifier: string, rupees: string) =>
  outboxEvents(identifier, rupees).map((event) => ({
    ...{ identifier, sequence: event.sequence, event: JSON.stringify(event) },
  }))

test('rows of the outbox become events by Debezium’s event router, byte for byte, on the right partition', async (context) => {
  if (command === null) return context.skip('no JDK and Maven for the Debezium recipe here')
  const rows = ['S-1', '学生-7'].flatMap((id) => rowsOf(id, '25000.50'))
  await route(rows)
  for (const id of ['S-1', '学生-7']) expect(await world.answer(id)).toContain('"fee_amount":25000.5}')
  const values = (await world.records(world.topic)).map(({ value }) => Buffer.from(value!).toString())
  expect(values.toSorted()).toEqual(rows.map(({ event }) => event).toSorted())
  expect(await world.metric('pullgate_misrouted_total')).toBe(0)
}, 120_000)

test('expanded JSON is read as well, and the same rows again change nothing', async (context) => {
  if (command === null) return context.skip('no JDK and Maven for the Debezium recipe here')
  const rows = rowsOf('S-2', '100.10')
  await route(rows, EXPANDED)
  expect(await world.answer('S-2')).toContain('"fee_amount":100.1}')
  await route(rows, EXPANDED)
  await until(
    'repetitions',
    async () => (await world.metric('pullgate_events_total', 'outcome="duplicate"')) >= 2,
    60_000,
  )
  expect(await world.answer('S-2')).toContain('"fee_amount":100.1}')
  expect(await world.metric('pullgate_dead_letters_total')).toBe(0)
}, 120_000)

test('expanding does not keep lists of unlike objects: the page says where not to use it', async (context) => {
  if (command === null) return context.skip('no JDK and Maven for the Debezium recipe here')
  const changes = [
    { type: 'erp.student.transferred.v1', data: { to: { grade: '6' } } },
    { type: 'erp.student.transferred.v1', data: { to: { collector_code: 'BLR-02' } } },
  ]
  await route([{ identifier: 'S-unlike', sequence: '1', event: JSON.stringify({ data: { changes } }) }], EXPANDED)
  const records = await world.records(world.topic)
  const { value } = records.find(({ key }) => Buffer.from(key!).toString() === 'S-unlike')!
  expect(JSON.parse(Buffer.from(value!).toString()).data.changes).not.toEqual(changes)
  expect(readFileSync(join(KITS, 'debezium', 'README.md'), 'utf8')).toContain('`table.expand.json.payload`')
}, 120_000)

test('the event as a JSON string, which a wrong converter makes, is a dead letter that says so', async (context) => {
  if (command === null) return context.skip('no JDK and Maven for the Debezium recipe here')
  await route(rowsOf('S-3', '1').slice(0, 1), {
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
  })
  await until('the dead letter', async () => (await world.metric('pullgate_dead_letters_total')) > 0, 60_000)
  const { stdout } = await world.run(['dlq', 'list', 'S-3', '--json'])
  expect(JSON.parse(stdout)).toMatchObject([{ reason: 'poison', detail: expect.stringMatching(/^not_an_object: /) }])
}, 120_000)
