import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { erpSays, PARTITIONS, plant } from '../support/afternoon.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

/** docs/howto-explain-a-balance.md, block by block: files, commands, and what each command says. */
type Block = { readonly kind: string; readonly file: string; readonly text: string }

const guide = readFileSync(new URL('../../docs/howto-explain-a-balance.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', file = '', text = '']): Block => ({ kind, file, text }),
)

let folder: string
let redis: PrivateRedis
let erp: FakeErp
let program: Program
let projector: Running
const log = openLog()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullgate-afternoon-'))
  redis = await privateRedis()
  erp = await fakeErp({ credentials: 'pullgate:secret', students: erpSays() })
  const topic = await freshTopic(log, PARTITIONS)
  await plant(log, topic)
  await writeFile(join(folder, 'password'), 'secret')
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: `
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: net_of_direct, paid_instalments: omit }
erp: { url: "${erp.url}", username: pullgate, password: "file:${join(folder, 'password')}" }
`,
  })
  projector = await program.start('projector')
}, 120_000)

afterAll(async () => {
  await projector?.stop()
  await program?.close()
  await erp?.close()
  await redis?.close()
  await log.close()
  await rm(folder, { recursive: true, force: true })
})

/** The lines of the guide stand among those that were said, in this order; `…` is anything. */
const says = (said: string, wanted: string): boolean => {
  const lines = said.split('\n')
  let at = 0
  return wanted
    .split('\n')
    .filter((line) => line.trim() !== '')
    .every((line) => {
      const pattern = new RegExp(`^${line.split('…').map(RegExp.escape).join('.*')}$`)
      at = lines.findIndex((one, index) => index >= at && pattern.test(one)) + 1
      return at > 0
    })
}

const DECIDES = /^(events publish|dlq discard|dlq replay)/

test('the guide leads from four faults to none, each found, explained and mended by its commands', async () => {
  let played = 0
  for (const [index, { kind, file, text }] of blocks.entries()) {
    if (kind === 'json') await writeFile(join(folder, file), text)
    if (kind !== 'sh') continue
    const commands = text
      .trim()
      .split('\n')
      .map((line) => line.replace(/^npx pullgate /, ''))
    const next = blocks[index + 1]
    const wanted = next?.kind === 'text' ? next.text : ''
    for (const [number, command] of commands.entries()) {
      const args = command.split(' ').map((word) => (word.endsWith('.ndjson') ? join(folder, word) : word))
      const expected = number === commands.length - 1 ? wanted : ''
      let said = ''
      const run = async (): Promise<boolean> => {
        const result = await program.run(args[0] === 'audit' || args[1] === 'diff' ? [...args, '--settle', '0'] : args)
        said = `${result.stdout}${result.stderr}`
        return says(said, expected)
      }
      // What only looks is asked again until the projector has caught up; what decides is done once.
      if (DECIDES.test(command)) expect(await run(), said).toBe(true)
      else
        await until(`"${command}" to say\n${expected}`, run, 60_000).catch((error) => expect.fail(`${error}\n${said}`))
      played += 1
    }
  }
  expect(played).toBeGreaterThan(14)
}, 300_000)
