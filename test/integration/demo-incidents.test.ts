import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { INCIDENTS } from '../../showcase/incidents.ts'
import { until } from '../support/until.ts'

const MAIN = fileURLToPath(new URL('../../showcase/main.ts', import.meta.url))
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
const alerts = readFileSync(new URL('../../deploy/prometheus/rules/alerts.yml', import.meta.url), 'utf8')

let demo: ChildProcess | undefined
afterEach(() => {
  if (demo && demo.exitCode === null) demo.kill('SIGKILL')
})

const start = (...args: string[]) => {
  const child = spawn(process.execPath, [MAIN, '--stack', 'native', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  demo = child
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  return { child, closed: once(child, 'close') as Promise<[number | null]>, output: () => output }
}

describe('an incident is named by the page, with the command that mends it', () => {
  test.each(INCIDENTS)(
    '%s',
    async (name) => {
      const { closed, output } = start('--incident', name, '--tour')
      const [code] = await closed
      expect(output()).toMatch(/after \d+ s the page and \/readyz\?verbose say:/)
      expect(output()).toContain('mended: All is well.')
      expect(code, output()).toBe(0)
      const alert = /\(alert (\w+)\)/.exec(output())?.[1]
      expect(alerts).toContain(`- alert: ${alert}\n`)
      const section = runbook.split(`## ${alert}\n`)[1]?.split('\n## ')[0]
      expect(section).toContain('**Mitigation.**')
    },
    180_000,
  )
})

test('Ctrl-C ends the demo while Kafka hangs', async () => {
  const { child, closed, output } = start('--incident', 'kafka')
  await until('the incident to show', () => output().includes('Ctrl-C ends everything'), 120_000)
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(0)
}, 180_000)
