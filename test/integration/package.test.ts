import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, run } from '../../scripts/setup/exec.mjs'
import { freePort } from '../support/program.ts'
import { until } from '../support/until.ts'

const MAX_BYTES = 2 * 1024 * 1024
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

let folder: string
let tarball: string
let installed: string
const started: ChildProcess[] = []

/** As a person has it who installed it: Node and the package's command on the PATH, no servers named. */
const environment = (node = process.execPath): NodeJS.ProcessEnv => ({
  PATH: [dirname(node), join(folder, 'school/node_modules/.bin'), '/usr/bin', '/bin'].join(':'),
  HOME: folder,
})

/** The npm package that has Node's binary for this machine. */
const NODE_BINARY = `node-${process.platform}-${process.arch}`
const NEWEST_LTS = '26'

const nodeOf = async (major: string): Promise<string> => {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const prefix = join(folder, `node-${major}`)
  await mkdir(prefix)
  const args = ['install', '--no-audit', '--no-fund', '--prefix', prefix, `${NODE_BINARY}@${major}`]
  const { code, output } = await run('npm', args, { cwd: prefix })
  expect(code, output).toBe(0)
  return join(prefix, 'node_modules', NODE_BINARY, 'bin/node')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullgate-package-'))
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder])
  expect(packed.code, packed.output).toBe(0)
  tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz'))!)
  const school = join(folder, 'school')
  await mkdir(school)
  const install = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', school, tarball], { cwd: school })
  expect(install.code, install.output).toBe(0)
  installed = join(school, 'node_modules/pullgate')
}, 180_000)

afterAll(async () => {
  const ends = started.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'))
  for (const child of started) child.kill('SIGKILL')
  await Promise.all(ends)
  rmSync(folder, { recursive: true, force: true })
})

const pullgate = (args: readonly string[], env = environment()) =>
  run('pullgate', args, { cwd: join(folder, 'school'), env })

describe('the package', () => {
  test('is at most 2 MB', () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(MAX_BYTES)
  })

  test('holds compiled code with declarations, Lua, page, schemas and example, and nothing of the workshop', async () => {
    const files = await readdir(installed, { recursive: true })
    for (const file of [
      'dist/src/main.js',
      'dist/src/main.js.map',
      'dist/src/main.d.ts',
      'dist/src/status/page.html',
      'docs/config.schema.json',
      'docs/schemas/erp.fee.changed.v1.json',
      'pullgate.example.yaml',
      'LICENSE',
    ])
      expect(files).toContain(file)
    expect(files.filter((file) => file.endsWith('.lua')).length).toBeGreaterThan(5)
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
    expect(files.filter((file) => /(^|\/)(test|bench|showcase|scripts|grafana)(\/|$)/.test(file))).toEqual([])
  })

  test('runs nothing when it is installed', () => {
    const { scripts = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts[name]).toBeUndefined()
  })

  test('names no source in its code but in maps and comments', async () => {
    for (const file of await readdir(join(installed, 'dist'), { recursive: true }))
      if (/\.(js|d\.ts)$/.test(file))
        expect(readFileSync(join(installed, 'dist', file), 'utf8'), file).not.toMatch(/['"]\.{1,2}\/[^'"\s]*\.ts['"]/)
  })

  test('has declarations that a program in TypeScript can use', async () => {
    const user = join(folder, 'school/user.mts')
    await writeFile(
      user,
      `import type { Paise } from 'pullgate/dist/projections/values/ids.js'\nexport const none = 0 as Paise\n`,
    )
    const args = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', '', user]
    const { output } = await run(join(ROOT, 'node_modules/.bin/tsc'), args, { cwd: join(folder, 'school') })
    expect(output).toBe('')
  })
})

test('--version says version, commit and the day of the build', async () => {
  const { stdout } = await pullgate(['--version'])
  expect(stdout).toMatch(new RegExp(`^${version} \\(commit ([0-9a-f]{12}|unknown), built \\d{4}-\\d{2}-\\d{2}\\)\\n$`))
})

test('every command has its help', async () => {
  const { code, stdout } = await pullgate(['--help'])
  expect(code).toBe(0)
  for (const command of ['init', 'all', 'gateway', 'projector', 'doctor', 'rebuild']) expect(stdout).toContain(command)
})

test.each(['24', NEWEST_LTS])(
  'on Node %s, the commands that init prints give the first answer',
  async (major: string) => {
    const [port, metricsPort] = [await freePort(), await freePort()]
    const node = await nodeOf(major)
    expect((await run(node, ['--version'])).stdout).toMatch(new RegExp(`^v${major}\\.`))
    const cwd = join(folder, `first-hour-${major}`)
    await mkdir(cwd)
    const env = { ...environment(node), PORT: String(port), METRICS_PORT: String(metricsPort), HOST: '127.0.0.1' }
    const { stdout } = await run('pullgate', ['init', '--json'], { cwd, env })
    const steps = JSON.parse(stdout) as { start: string[]; publish: string; curl: string }
    const type = (command: string) => run('sh', ['-c', command], { cwd, env })

    const all = spawn('sh', ['-c', `exec ${steps.start.join(' && ')}`], { cwd, env })
    started.push(all)
    let output = ''
    for (const stream of [all.stdout, all.stderr]) stream.on('data', (chunk) => (output += chunk))
    await until('the program to be alive', async () => {
      if (all.exitCode !== null) throw new Error(`it ended:\n${output}`)
      return (await fetch(`http://127.0.0.1:${metricsPort}/livez`).catch(() => null))?.ok === true
    })

    const published = await type(steps.publish)
    expect(published.code, published.output).toBe(0)
    const answer = await type(steps.curl)
    expect(answer.stdout).toContain('HTTP/1.1 200 OK')
    expect(answer.stdout.toLowerCase()).toContain('x-pullgate-source: projection')
    expect(answer.stdout).toContain('"TUITION_FEE"')

    const page = await fetch(`http://127.0.0.1:${metricsPort}/`)
    expect(page.status).toBe(200)
    all.kill('SIGTERM')
    const [code] = await once(all, 'exit')
    expect(code).toBe(0)
  },
  120_000,
)
