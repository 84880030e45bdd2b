import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'

const STACK = new URL('../../scripts/setup/stack.mjs', import.meta.url).href

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A `docker` that succeeds but for the commands named, and notes what it was asked. */
const dockerThatRefuses = (...refused: string[]): NodeJS.ProcessEnv => {
  const cases = refused.map((command) => `case "$*" in *"${command}"*) exit 1;; esac\n`).join('')
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$*" >> ${folder}/asked\n${cases}`)
  chmodSync(join(folder, 'docker'), 0o755)
  return { PATH: [folder, process.env['PATH']].join(delimiter) }
}
const asked = (): string => readFileSync(join(folder, 'asked'), 'utf8')

const script = (choice: string | undefined, after: string): string => `
  import { startStack } from '${STACK}'
  try {
    const stack = await startStack({ choice: ${JSON.stringify(choice)}, say: () => {} })
    console.log(JSON.stringify(stack))
    ${after}
  } catch (error) {
    console.log(JSON.stringify({ refused: error.message }))
  }`

const start = (choice: string | undefined, env: NodeJS.ProcessEnv): Record<string, unknown> => {
  const args = ['--input-type=module', '-e', script(choice, 'await stack.stop()')]
  const { KAFKA_BROKERS: _, REDIS_URL: __, ...rest } = process.env
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...rest, ...env } })
  return JSON.parse(stdout) as Record<string, unknown>
}

const given = { KAFKA_BROKERS: 'kafka:9092', REDIS_URL: 'redis://redis:6379' }

describe('the choice of servers', () => {
  test('servers that the environment names come first, and are not paused', () => {
    const stack = start(undefined, { ...dockerThatRefuses(), ...given })
    expect(stack).toMatchObject({
      kind: 'env',
      brokers: 'kafka:9092',
      redisUrl: 'redis://redis:6379',
      pauseKafka: null,
    })
  })

  test('a Docker engine with compose comes next', () => {
    expect(start(undefined, dockerThatRefuses())).toMatchObject({ kind: 'docker', why: 'a Docker engine answers' })
    expect(asked()).toMatch(/compose -p pullgate-\w+ up -d --wait kafka redis/)
    expect(asked()).toMatch(/compose -p pullgate-\w+ down -v/)
  })

  test('Docker can be forced over servers that the environment names', () => {
    expect(start('docker', { ...dockerThatRefuses(), ...given })).toMatchObject({ kind: 'docker' })
  })

  test.each([
    ['info', 'no Docker engine answers'],
    ['compose version', 'Docker has no compose plugin'],
  ])('forced Docker without "%s" is refused with the reason', (command, reason) => {
    expect(start('docker', dockerThatRefuses(command))).toEqual({ refused: `--stack docker: ${reason}` })
  })

  test('containers that do not come up are removed', () => {
    expect(start('docker', dockerThatRefuses('up -d'))['refused']).toMatch(/^docker compose up failed/)
    expect(asked()).toMatch(/down -v/)
  })

  test('forced servers of the environment need both variables', () => {
    expect(start('env', { REDIS_URL: 'redis://redis:6379' })['refused']).toMatch(/needs KAFKA_BROKERS and REDIS_URL/)
  })

  test('an unknown choice is refused with the known ones', () => {
    expect(start('podman', {})['refused']).toBe('--stack takes env, docker, native; this is none: podman')
  })

  test('where nothing can be started or installed, one message names every problem and way out', () => {
    const env = { PATH: folder, JAVA_HOME: '', XDG_CACHE_HOME: folder }
    const refused = String(start('native', env)['refused'])
    for (const word of ['Kafka ', 'redis-server', 'KAFKA_BROKERS', 'REDIS_URL', 'Docker'])
      expect(refused).toContain(word)
  })
})

test('containers are removed when the process that started them is killed', async () => {
  const args = ['--input-type=module', '-e', script('docker', 'setInterval(() => {}, 1000)')]
  const env = { ...process.env, ...dockerThatRefuses() }
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  await once(holder.stdout, 'data')
  expect(asked()).not.toContain('down')
  holder.kill('SIGKILL')
  await until('they are removed', () => asked().includes('down -v'))
})
