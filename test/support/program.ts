import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const BIN = fileURLToPath(new URL('../../bin/pullgate.mjs', import.meta.url))

export type ProgramOptions = {
  readonly brokers: string
  readonly redisUrl: string
  /** The YAML configuration file's text. */
  readonly config: string
  /** Beside the servers. */
  readonly env?: Readonly<Record<string, string>>
  /** The program's file, where it is not this checkout's. */
  readonly bin?: string
}

/** One configuration, and the processes of the real program that a test runs on it. */
export type Program = {
  /** The configuration file's path. */
  readonly file: string
  readonly start: (role: 'gateway' | 'projector' | 'all') => Promise<Running>
  /** Runs a command to its end. */
  readonly run: (args: readonly string[], input?: string, env?: NodeJS.ProcessEnv) => Promise<Ended>
  /** The same, for who may want to kill it. */
  readonly begin: (
    args: readonly string[],
    input?: string,
    env?: NodeJS.ProcessEnv,
  ) => { readonly pid: number; readonly ended: Promise<Ended>; readonly kill: () => void }
  readonly rewrite: (config: string) => Promise<void>
  /** Kills what still runs and removes the files. */
  readonly close: () => Promise<void>
}

/** A command that was killed has no code. */
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type Running = {
  readonly pid: number
  readonly url: string
  readonly metricsUrl: string
  readonly output: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** SIGTERM, then the exit code. */
  readonly stop: () => Promise<number | null>
  readonly kill: () => Promise<void>
  readonly exited: Promise<number | null>
}

export const freePort = async (): Promise<number> => {
  const [port] = await freePorts(1)
  return port!
}

/** Different ones: each is held until all are known. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

export const openProgram = async (options: ProgramOptions): Promise<Program> => {
  const { brokers, redisUrl, config, env: own = {}, bin = BIN } = options
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-test-'))
  const file = join(folder, 'pullgate.yaml')
  await writeFile(file, config)
  const running = new Set<ChildProcess>()
  const launch = (args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn(process.execPath, [bin, ...args, '--config', file], {
      env: { ...process.env, KAFKA_BROKERS: brokers, REDIS_URL: redisUrl, HOST: '127.0.0.1', ...own, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }

  const begin: Program['begin'] = (args, input = '', env = {}) => {
    const child = launch(args, { PORT: '0', METRICS_PORT: '0', ...env })
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.on('data', (chunk) => (stderr += chunk))
    child.stdin?.end(input)
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
    return { pid: child.pid!, ended, kill: () => void child.kill('SIGKILL') }
  }

  return {
    file,
    begin,
    start: async (role) => {
      const [port, metricsPort] = await freePorts(2)
      const child = launch([role], { PORT: String(port), METRICS_PORT: String(metricsPort) })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
      const exited = once(child, 'exit').then(([code]) => code as number | null)
      const metricsUrl = `http://127.0.0.1:${metricsPort}`
      const isAlive = async (): Promise<boolean> => {
        if (child.exitCode !== null) throw new Error(`the ${role} ended with ${child.exitCode}:\n${output}`)
        return (await fetch(`${metricsUrl}/livez`).catch(() => null))?.ok === true
      }
      await until(`${role} to be alive`, isAlive, 60_000)
      return {
        pid: child.pid!,
        url: `http://127.0.0.1:${port}`,
        metricsUrl,
        output: () => output,
        signal: (signal) => child.kill(signal),
        stop: () => {
          child.kill('SIGTERM')
          return exited
        },
        kill: async () => {
          child.kill('SIGKILL')
          await exited
        },
        exited,
      }
    },
    run: (args, input, env) => begin(args, input, env).ended,
    rewrite: (text) => writeFile(file, text),
    close: async () => {
      const ends = [...running].map((child) => once(child, 'exit'))
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(ends)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
