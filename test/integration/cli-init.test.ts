import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../../scripts/setup/exec.mjs'
import { parseSecret, verifySecret } from '../../src/config/secret.ts'

const BIN = fileURLToPath(new URL('../../bin/pullgate.mjs', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullgate-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pullgate = (args: readonly string[], env: Record<string, string> = {}) =>
  run(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, KAFKA_BROKERS: '', REDIS_URL: '', PULLGATE_CONFIG: '', PORT: '', ...env },
  })
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

test('init writes a configuration whose hash is that of the secret beside it, and which nobody else may read', async () => {
  const { code } = await pullgate(['init'])
  expect(code).toBe(0)
  const { clients } = parse(read('pullgate.yaml')) as { clients: { secrets: string[] }[] }
  const secret = parseSecret(clients[0]!.secrets[0]!)
  expect(await verifySecret(read('jodo.secret').trim(), secret!)).toBe(true)
  for (const file of ['pullgate.yaml', 'jodo.secret']) expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
})

test('the three sample events are valid', async () => {
  await pullgate(['init'])
  const { code, output } = await pullgate(['events', 'validate', 'sample-events.ndjson'])
  expect(output).toContain('3')
  expect(code).toBe(0)
})

test('init makes another secret each time', async () => {
  await pullgate(['init', 'one'])
  await pullgate(['init', 'two'])
  expect(read('one/jodo.secret')).not.toBe(read('two/jodo.secret'))
})

test.each(['pullgate.yaml', 'jodo.secret', 'sample-events.ndjson'])(
  'init writes nothing where %s exists',
  async (file) => {
    writeFileSync(join(folder, file), 'mine')
    const { code, output } = await pullgate(['init'])
    expect(code).toBe(1)
    expect(output).toContain(`${file} exists already`)
    expect(readdirSync(folder)).toEqual([file])
    expect(read(file)).toBe('mine')
  },
)

test('init prints the topics command where servers are named, and the port of the environment', async () => {
  const env = { KAFKA_BROKERS: '127.0.0.1:9092', REDIS_URL: 'redis://127.0.0.1:6379', PORT: '8099' }
  const { stdout } = await pullgate(['init', 'school', '--json'], env)
  expect(JSON.parse(stdout)).toEqual({
    files: ['school/pullgate.yaml', 'school/jodo.secret', 'school/sample-events.ndjson'],
    start: ['cd school', 'npx pullgate topics', 'npx pullgate all'],
    publish: 'npx pullgate events publish sample-events.ndjson',
    curl: `curl -i -u "jodo:$(cat jodo.secret)" 'http://127.0.0.1:8099/fetch-student?identifier=SAMPLE-1'`,
  })
})

test('without a configuration a role says so and names init', async () => {
  const { code, output } = await pullgate(['all'])
  expect(code).toBe(1)
  expect(output).toContain('no configuration: pullgate.yaml does not exist')
  expect(output).toContain('"pullgate init"')
})
