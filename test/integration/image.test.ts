import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findOnPath, ROOT, run } from '../../scripts/setup/exec.mjs'
import { type DockerEngine, findDocker } from '../support/docker-engine.ts'
import { freePort } from '../support/program.ts'
import { until } from '../support/until.ts'
import { basic, cheapHash } from './http-edge.ts'

const BASE_ROOT = fileURLToPath(new URL('../support/base-image.sh', import.meta.url))
const COMMIT = 'abcdef012345'
const name = `pullgate-test-${process.pid}`

let engine: DockerEngine | null = null
let why = ''
let folder: string

const docker = async (...args: readonly string[]): Promise<string> => {
  const { code, output, stdout } = await engine!.docker(...args)
  expect(code, output).toBe(0)
  return stdout.trim()
}

/** This machine's own Node and npm, because the registry's image cannot be had everywhere. */
const makeBase = async (): Promise<void> => {
  const npm = dirname(dirname(await realpath(findOnPath('npm')!)))
  const root = join(folder, 'root')
  const made = await run('sh', [BASE_ROOT, root, process.execPath, npm])
  expect(made.code, made.output).toBe(0)
  const packed = await run('tar', ['-C', root, '-cf', join(folder, 'root.tar'), '.'])
  expect(packed.code, packed.output).toBe(0)
  const env = ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/authorities.pem']
  const changes = env.flatMap((one) => ['--change', `ENV ${one}`])
  await docker('import', ...changes, join(folder, 'root.tar'), `${name}:base`)
}

beforeAll(async () => {
  const found = await findDocker()
  if (found.kind === 'none') {
    why = found.why
    return
  }
  engine = found.engine
  folder = await mkdtemp(join(tmpdir(), 'pullgate-image-'))
  await makeBase()
  const args = ['--build-arg', `BASE_IMAGE=${name}:base`, '--build-arg', `PULLGATE_COMMIT=${COMMIT}`]
  await docker('build', '--network', 'host', ...args, '-t', name, ROOT)
}, 600_000)

afterAll(async () => {
  if (engine === null) return
  await engine.docker('rm', '-f', name)
  await engine.docker('rmi', '-f', name, `${name}:base`)
  await engine.close()
  await rm(folder, { recursive: true, force: true })
}, 120_000)

test('the image is of a user without rights, has labels and a health check, and no package manager', async (context) => {
  if (engine === null) return context.skip(`the image is not built: ${why}`)
  const { Config } = JSON.parse(await docker('inspect', name))[0] as { Config: Record<string, unknown> }
  expect(Config).toMatchObject({ User: 'node', Entrypoint: ['node', 'bin/pullgate.mjs'] })
  expect(Config['Labels']).toMatchObject({ 'org.opencontainers.image.title': 'pullgate' })
  expect(Config['Healthcheck']).toBeDefined()
  const programs = await docker('run', '--rm', '--network', 'host', '--entrypoint', 'ls', name, '/usr/local/bin')
  expect(programs.split('\n').toSorted()).toEqual(['node', 'pullgate'])
  expect(await docker('run', '--rm', '--network', 'host', name, '--version')).toContain(`commit ${COMMIT}`)
}, 120_000)

test('it runs with a read-only root and no rights, is healthy, answers, and ends in order', async (context) => {
  if (engine === null) return context.skip(`the image is not run: ${why}`)
  const [port, metricsPort] = [await freePort(), await freePort()]
  const config = {
    policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
    embedded: { path: '/data/pullgate.db' },
    clients: [{ username: 'jodo', secrets: [cheapHash('secret')], branches: 'all' }],
  }
  await writeFile(join(folder, 'pullgate.yaml'), JSON.stringify(config), { mode: 0o644 })
  const locked = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'host']
  const mounts = [
    '-v',
    `${join(folder, 'pullgate.yaml')}:/etc/pullgate/pullgate.yaml:ro`,
    '--tmpfs',
    '/data:uid=1000',
    '--tmpfs',
    '/tmp',
  ]
  const env = [`PORT=${port}`, `METRICS_PORT=${metricsPort}`, 'HOST=127.0.0.1'].flatMap((one) => ['-e', one])
  await docker('run', '-d', '--name', name, ...locked, ...mounts, ...env, name)
  const health = () => docker('inspect', '--format', '{{.State.Health.Status}} {{.State.Status}}', name)
  await until(
    'the container to be healthy',
    async () => {
      const now = await health()
      if (now.endsWith('exited')) throw new Error(await docker('logs', name))
      return now === 'healthy running'
    },
    120_000,
  )
  const answer = await fetch(`http://127.0.0.1:${port}/fetch-student?identifier=S-1`, {
    headers: { authorization: basic('jodo', 'secret') },
  })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({ code: 'student_not_found' })
  await docker('stop', '--time', '60', name)
  expect(await docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0')
}, 300_000)
