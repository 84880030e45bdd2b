import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { supervise } from '../../scripts/setup/supervise.mjs'
import { until } from '../support/until.ts'

const SUPERVISE = new URL('../../scripts/setup/supervise.mjs', import.meta.url).href
const PARENT = new URL('../../scripts/setup/parent.mjs', import.meta.url).href

const holders: ChildProcess[] = []
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL')
})

/** A process that runs the code and says something; what it says is returned with it. */
const holder = async (code: string, env: NodeJS.ProcessEnv = {}): Promise<{ process: ChildProcess; said: string }> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  holders.push(child)
  const [said] = await once(child.stdout, 'data')
  return { process: child, said: String(said).trim() }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A command that starts another one; both ignore what can be ignored. */
const STUBBORN = 'trap "" TERM INT HUP; sleep 600 & echo $! > "$0/grandchild"; wait'

const supervised = async (): Promise<{ process: ChildProcess; dir: string; pid: number; grandchild: number }> => {
  const dir = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
  const grandchild = join(dir, 'grandchild')
  const code = `
    import { existsSync, readFileSync } from 'node:fs'
    import { supervise } from '${SUPERVISE}'
    const { pid } = await supervise(['sh', '-c', ${JSON.stringify(STUBBORN)}, '${dir}'], { dir: '${dir}' })
    const look = setInterval(() => {
      if (existsSync('${grandchild}')) console.log(pid, readFileSync('${grandchild}', 'utf8').trim())
      if (existsSync('${grandchild}')) clearInterval(look)
    }, 10)
    setInterval(() => {}, 1000)`
  const { process, said } = await holder(code)
  const [pid = 0, second = 0] = said.split(/\s+/).map(Number)
  expect(isAlive(pid) && isAlive(second)).toBe(true)
  return { process, dir, pid, grandchild: second }
}

describe('a supervised command', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is gone, with what it started and its folder, when its holder got %s',
    async (signal) => {
      const { process, dir, pid, grandchild } = await supervised()
      process.kill(signal)
      await until('all of it is gone', () => !isAlive(pid) && !isAlive(grandchild) && !existsSync(dir))
    },
  )

  test('is gone when its holder is killed, though it was paused', async () => {
    const { process: held, dir, pid } = await supervised()
    process.kill(pid, 'SIGSTOP')
    held.kill('SIGKILL')
    await until('it is gone', () => !isAlive(pid) && !existsSync(dir))
  })

  test('is gone with its folder when stop returns', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
    const { pid, stop } = await supervise(['sleep', '600'], { dir })
    await stop()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(dir)).toBe(false)
  })

  test.each([0, 1, 42])('that ends with code %i says so', async (code) => {
    const { exited } = await supervise(['sh', '-c', `exit ${code}`])
    expect(await exited).toBe(code)
  })

  test('that does not exist ends with 127', async () => {
    const { exited } = await supervise(['pullgate-no-such-command'])
    expect(await exited).toBe(127)
  })
})

test.each([
  ['npm', `process.execPath, ['--input-type=module', '-e', script]`],
  [
    'npm, with a shell between them,',
    `'sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, script]`,
  ],
])('a script that %s started ends when npm is killed', async (_, command) => {
  const script = `import { endWithNpm } from '${PARENT}'; endWithNpm(); console.log(process.pid); setInterval(() => {}, 1000)`
  const npm = `
    import { spawn } from 'node:child_process'
    const script = ${JSON.stringify(script)}
    spawn(${command}, { stdio: 'inherit' })`
  const { process, said } = await holder(npm, { npm_lifecycle_event: 'test' })
  process.kill('SIGKILL')
  await until('the script is gone', () => !isAlive(Number(said)))
})
