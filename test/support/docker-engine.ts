import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath, run } from '../../scripts/setup/exec.mjs'
import { until } from './until.ts'

/** A Docker engine, and how its client is called. */
export type DockerEngine = {
  readonly docker: (
    ...args: readonly string[]
  ) => Promise<{ readonly code: number | null; readonly output: string; readonly stdout: string }>
  readonly close: () => Promise<void>
}

/** `none`: the machine has no engine and cannot start one; the reason is for the name of what is skipped. */
export type FoundEngine =
  | { readonly kind: 'engine'; readonly engine: DockerEngine }
  | { readonly kind: 'none'; readonly why: string }

const clientWith =
  (env: Readonly<Record<string, string>>): DockerEngine['docker'] =>
  (...args) =>
    run('docker', args, { env: { ...process.env, DOCKER_BUILDKIT: '0', ...env } })

const answers = async (docker: DockerEngine['docker']): Promise<boolean> => (await docker('info')).code === 0

/** The engine that answers, else one of our own where `dockerd` and the rights for it are there. */
export const findDocker = async (): Promise<FoundEngine> => {
  if (findOnPath('docker') === undefined) return { kind: 'none', why: 'there is no docker command' }
  const given = clientWith({})
  if (await answers(given)) return { kind: 'engine', engine: { docker: given, close: async () => {} } }
  if (findOnPath('dockerd') === undefined || process.getuid?.() !== 0)
    return { kind: 'none', why: 'no Docker engine answers, and none can be started' }
  return startDocker()
}

const startDocker = async (): Promise<FoundEngine> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-docker-'))
  const host = `unix://${join(folder, 'docker.sock')}`
  const places = [
    '--data-root',
    join(folder, 'data'),
    '--exec-root',
    join(folder, 'exec'),
    '--pidfile',
    join(folder, 'pid'),
  ]
  const alone = ['--storage-driver', 'vfs', '--iptables=false', '--bridge=none', '--ip-masq=false', '-H', host]
  const daemon = spawn('dockerd', [...places, ...alone], { stdio: 'ignore' })
  const ended = once(daemon, 'exit')
  const docker = clientWith({ DOCKER_HOST: host })
  const close = async (): Promise<void> => {
    daemon.kill('SIGTERM')
    await ended
    // The engine leaves the network's name mounted.
    await run('umount', [join(folder, 'exec/netns/default')])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await until('the Docker engine', async () => daemon.exitCode !== null || (await answers(docker)), 30_000)
  } catch {
    await close()
    return { kind: 'none', why: 'the Docker engine does not start' }
  }
  if (daemon.exitCode === null) return { kind: 'engine', engine: { docker, close } }
  await close()
  return { kind: 'none', why: 'the Docker engine does not start' }
}
