import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outboxEvents, type RecipeWorld, recipeWorld, SOURCE } from './recipe-world.ts'
import { KITS, phpRuntime, type Runtime } from './runtimes.ts'
import { call } from './shell.ts'

const WORDPRESS = fileURLToPath(new URL('recipes/wordpress.php', import.meta.url))

let world: RecipeWorld
let runtime: Runtime | null

beforeAll(async () => {
  runtime = await phpRuntime()
  if (runtime !== null) world = await recipeWorld()
}, 300_000)
afterAll(() => world?.close())

const wordpress = async (args: readonly string[], input = '', url = world.running.url): Promise<string> => {
  const [first = '', ...rest] = runtime!.command
  const ended = await call(first, [...rest, WORDPRESS, ...args], {
    cwd: world.folder,
    input,
    env: {
      ...runtime!.env,
      ...{ PLUGIN: join(KITS, 'wordpress', 'pullgate-outbox.php'), TMPDIR: world.folder },
      ...{ PULLGATE_URL: url, PULLGATE_USER: 'erp', PULLGATE_PASSWORD: 'p-secret', PULLGATE_SOURCE: SOURCE },
    },
  })
  expect(ended.code, ended.output).toBe(0)
  return ended.stdout
}

const record = async (identifier: string, rupees: string, ...more: readonly string[]): Promise<void> => {
  for (const event of outboxEvents(identifier, rupees)) {
    const { type, data } = event as unknown as { type: string; data: object }
    await wordpress(['record', type, identifier, ...more], JSON.stringify(data))
  }
}
const rows = async () =>
  JSON.parse(await wordpress(['rows'])) as readonly { published_at: string | null; refused: string | null }[]

test('WordPress’s cron empties the outbox, a failed run is repeated, and an undone change leaves nothing', async (context) => {
  if (runtime === null) return context.skip('no PHP for the WordPress recipe here')
  await wordpress(['install'])
  await record('S-0', '1', 'undone')
  await record('S-1', '25000.50')
  await wordpress(['cron'], '', 'http://127.0.0.1:9')
  expect((await rows()).map(({ published_at }) => published_at)).toEqual([null, null])
  await wordpress(['cron'])
  expect((await rows()).every(({ published_at }) => published_at !== null)).toBe(true)
  expect(await world.answer('S-1')).toContain('"fee_amount":25000.5}')
}, 120_000)

test('an event that Pullgate refuses is kept with the reason, and holds up no other', async (context) => {
  if (runtime === null) return context.skip('no PHP for the WordPress recipe here')
  await wordpress(['record', 'erp.fee.changed.v1', 'S-bad'], JSON.stringify({ amout: 1 }))
  await record('S-2', '300')
  await wordpress(['cron'])
  expect(await world.answer('S-2')).toContain('"fee_amount":300}')
  const refused = (await rows()).filter((row) => row.refused !== null)
  expect(refused.map((row) => row.refused)).toEqual([expect.stringContaining('did you mean amount?')])
}, 120_000)
