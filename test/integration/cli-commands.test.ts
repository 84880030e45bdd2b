import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { foldLog } from '../support/fold-log.ts'
import { openProgram, type Program } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'

const BIN = fileURLToPath(new URL('../../bin/pullgate.mjs', import.meta.url))
const NOWHERE = 'redis://127.0.0.1:1'
const PARTITIONS = 4
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const

const log = openLog()
let folder: string
let topic: string
let program: Program
/** Kafka is there, Redis is not: what needs the log alone works all the same. */
const configFor = (name: string, partitions: number): string =>
  `topic: { name: ${name}, partitions: ${partitions} }\npolicy: ${JSON.stringify(POLICY)}\n`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullgate-cli-'))
  topic = await freshTopic(log, PARTITIONS)
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: NOWHERE, config: configFor(topic, PARTITIONS) })
})
afterAll(async () => {
  await program?.close()
  await log.close()
  await rm(folder, { recursive: true, force: true })
})

const main = publisher('', PARTITIONS, '/erp/main')
const lineOf = (record: { readonly value: Uint8Array | null }): string => String(record.value)
const events = ['S-1', 'S-2', '007'].flatMap((id) => [main.enrolled(id), main.assessed(id, 100)]).map(lineOf)

const file = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const ends = async (): Promise<number> =>
  [...(await log.endOffsets(topic, [0, 1, 2, 3])).values()].reduce((sum, end) => sum + end, 0)

/** One sentence, and nothing of the program's inside. */
const isPlain = (stderr: string): void => {
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stderr).not.toMatch(/node:internal|Error:/)
}

describe('events validate', () => {
  test('names file, line, pointer and message of every problem, and repeats no value', async () => {
    const bad = JSON.stringify({ ...JSON.parse(events[1]!), id: '', time: 'yesterday', data: { student: {} } })
    const path = await file('bad.ndjson', `${events[0]}\n\n${bad}\n[1]\n{"a":\n`)
    const { code, stdout, stderr } = await program.run(['events', 'validate', path])
    expect(code).toBe(1)
    const problems = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(`${path}:`, ''))
    expect(problems).toContain('3: /id: must be text of 1 to 256 characters')
    expect(problems).toContain('3: /data/student/identifier: is required')
    expect(problems.filter((line) => line.startsWith('4: '))).toEqual(['4: the value is JSON, but no object'])
    expect(problems.filter((line) => line.startsWith('5: '))).toEqual(['5: the value is not JSON'])
    expect(stdout).not.toContain('yesterday')
    expect(stderr).toMatch(/^4 events, \d+ problems\n$/)

    const json = await program.run(['events', 'validate', '-', '--json'], `${bad}\n`)
    expect(JSON.parse(json.stdout)).toMatchObject({ events: 1, valid: false, problems: expect.any(Array) })
  }, 60_000)

  test('warns of an ignored field with the name that was meant, and the events are valid', async () => {
    const wrong = JSON.parse(events[0]!)
    const line = JSON.stringify({ ...wrong, data: { ...wrong.data, custom_identifer: 'A-1' } })
    const plain = await program.run(['events', 'validate', '-'], `${line}\n`)
    expect([plain.code, plain.stdout]).toEqual([0, ''])
    expect(plain.stderr).toContain('warning: stdin:1: /data/custom_identifer: is no field of')
    expect(plain.stderr).toContain('did you mean custom_identifier?')
    const json = await program.run(['events', 'validate', '-', '--json'], `${line}\n`)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ problems: [], events: 1, valid: true },
      warnings: [{ line: 1, pointer: '/data/custom_identifer' }],
    })
  }, 60_000)

  test.each([
    ['a line over 1 MiB', `${events[0]!.slice(0, -1)},"pad":"${'x'.repeat(1024 * 1024)}"}`, /:1: .*1 MiB/],
    ['a line over 8 MiB', 'x'.repeat(9 * 1024 * 1024), /:1: is longer than 8 MiB/],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), /:1: the file is UTF-16/],
    ['Latin-1', Buffer.from(events[0]!.replace('Student', 'Ren\u00e9'), 'latin1'), /:1: .*UTF-8/],
  ])(
    'tells %s from an event',
    async (_, content, message) => {
      const { code, stdout, stderr } = await program.run(['events', 'validate', await file('odd.ndjson', content)])
      expect(stdout).toMatch(message)
      expect(code).toBe(1)
      isPlain(stderr)
    },
    60_000,
  )

  test('takes a byte order mark and line ends of Windows', async () => {
    const path = await file('windows.ndjson', `\ufeff${events.join('\r\n')}\r\n`)
    expect(await program.run(['events', 'validate', path])).toMatchObject({ code: 0, stdout: '' })
  }, 60_000)
})

describe('events publish', () => {
  test('publishes nothing where one line is bad', async () => {
    const before = await ends()
    const { code, stdout, stderr } = await program.run(['events', 'publish', '-'], `${events.join('\n')}\n{}\n`)
    expect(code).toBe(1)
    expect(stdout).toContain('stdin:7: /specversion: is required')
    expect(stderr).toContain('nothing was published')
    expect(await ends()).toBe(before)
  }, 60_000)

  test('puts each event under its key on its partition, and an export of it gives the same answers elsewhere', async () => {
    const [one, two] = [
      await file('1.ndjson', events.slice(0, 3).join('\n')),
      await file('2.ndjson', events.slice(3).join('\n')),
    ]
    const published = await program.run(['events', 'publish', one, two, '--json'])
    expect(published).toMatchObject({ code: 0, stderr: '' })
    const { positions } = JSON.parse(published.stdout) as { positions: string[] }
    const wanted = ['S-1', 'S-1', 'S-2', 'S-2', '007', '007'].map((id) => partitionOf(id, PARTITIONS))
    expect(positions.map((position) => Number(position.split(':')[0]))).toEqual(wanted)

    const exported = await program.run(['events', 'export'])
    expect(exported.code).toBe(0)
    const fresh = await freshTopic(log, 3)
    const moved = await openProgram({ brokers: sharedBrokers(), redisUrl: NOWHERE, config: configFor(fresh, 3) })
    try {
      expect(await moved.run(['events', 'publish', '-'], exported.stdout)).toMatchObject({ code: 0, stderr: '' })
    } finally {
      await moved.close()
    }
    const answers = async (name: string, partitions: number) =>
      (await foldLog(log, name, partitions, POLICY, 'Asia/Kolkata')).keys().toArray().sort()
    expect(await answers(fresh, 3)).toEqual(await answers(topic, PARTITIONS))
    expect(await answers(fresh, 3)).toEqual(['007', 'S-1', 'S-2'])
  }, 60_000)

  test('reads a pipe that a shell names as if it were a file', async () => {
    const path = await file('piped.ndjson', events.join('\n'))
    const config = await file('pullgate.yaml', configFor(topic, PARTITIONS))
    const command = `"${process.execPath}" "${BIN}" events publish <(cat "${path}") --json --config "${config}"`
    const env = { ...process.env, KAFKA_BROKERS: sharedBrokers(), REDIS_URL: NOWHERE }
    const child = spawn('bash', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    await once(child, 'close')
    expect(JSON.parse(stdout)).toMatchObject({ published: events.length })
  }, 60_000)

  test('ends with 130 on Ctrl-C, and leaves nothing half done', async () => {
    const before = await ends()
    const config = await file('pullgate.yaml', configFor(topic, PARTITIONS))
    const child = spawn(process.execPath, [BIN, 'events', 'publish', '-', '--config', config], {
      env: { ...process.env, KAFKA_BROKERS: sharedBrokers(), REDIS_URL: NOWHERE },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    // A full pipe has been read from: the command is at work.
    await new Promise<void>((resolve) => child.stdin.write(`${`${events[0]}\n`.repeat(1000)}`, () => resolve()))
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(130)
    isPlain(stderr)
    expect(await ends()).toBe(before)
  }, 60_000)
})

test('a reader that has seen enough ends an export quietly', async () => {
  const config = await file('pullgate.yaml', configFor(topic, PARTITIONS))
  const child = spawn(process.execPath, [BIN, 'events', 'export', '--config', config], {
    env: { ...process.env, KAFKA_BROKERS: sharedBrokers(), REDIS_URL: NOWHERE },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  expect([code, stderr]).toEqual([0, ''])
}, 60_000)

describe('one sentence tells what is wrong', () => {
  test.each([
    [
      'a file that is not there',
      ['events', 'validate', '/nowhere/x.ndjson'],
      1,
      /x\.ndjson cannot be read: there is no such file/,
    ],
    ['a directory', ['events', 'publish', '/'], 1, /^\/ cannot be read: it is a directory/],
    ['a Redis that is not there', ['student', 'show', 'S-1'], 1, /^Redis does not answer/],
    ['a student that the log does not know', ['student', 'history', 'nobody'], 1, /no event of this student/],
    ['no identifier', ['student', 'show', ''], 2, /1 to 128 characters/],
    ['a command that is misspelt', ['evnts'], 2, /Did you mean events\?/],
    ['an option that is misspelt', ['dlq', 'replay', '--al'], 2, /Did you mean .*--all/],
    ['an argument that is missing', ['events', 'publish'], 2, /missing required argument/],
    ['a place that is none', ['dlq', 'discard', '--at', '7-104'], 2, /^--at takes PARTITION:OFFSET/],
    ['numbers let go without force', ['dlq', 'discard', 'S-1', '--let-go', '/erp/x#3'], 2, /^--let-go needs --force/],
    ['letters that are not named', ['dlq', 'show'], 2, /^Name a student/],
  ])(
    '%s',
    async (_, args, code, message) => {
      const result = await program.run(args)
      expect(result.stderr).toMatch(message)
      expect(result.code).toBe(code)
      isPlain(result.stderr.replace(/^error:.*$/m, ''))
    },
    60_000,
  )

  test('a Kafka that is not there', async () => {
    const alone = await openProgram({ brokers: '127.0.0.1:1', redisUrl: NOWHERE, config: configFor('t', 1) })
    try {
      for (const args of [['events', 'export'], ['topics']]) {
        const { code, stderr } = await alone.run(args)
        expect(stderr).toMatch(/^Kafka .*127\.0\.0\.1:1/)
        expect(code).toBe(1)
        isPlain(stderr.replace('Connection error:', ''))
      }
      const { code, stdout } = await alone.run(['doctor', '--json'])
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ check: 'log', status: 'fail' }))
    } finally {
      await alone.close()
    }
  }, 120_000)
})
