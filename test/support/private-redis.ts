import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis server of the caller's own: free port, own directory, nothing on disk unless asked, no process left behind. */
export type PrivateRedis = {
  readonly port: number
  readonly dir: string
  /** SIGKILL: the process dies and everything that was not saved is lost. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port and directory after `kill`. */
  readonly start: () => Promise<void>
  /** SIGSTOP and SIGCONT: it hangs with its connections open. */
  readonly pause: () => void
  readonly resume: () => void
  readonly close: () => Promise<void>
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const launch = async (port: number, dir: string, settings: readonly string[]): Promise<ChildProcess> => {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', [...fixed, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    said += String(chunk)
    if (said.includes('Ready to accept connections')) {
      child.stdout!.resume()
      return child
    }
  }
  throw new Error(`redis-server did not start:\n${said}`)
}

export const privateRedis = async (...settings: string[]): Promise<PrivateRedis> => {
  const dir = await mkdtemp(join(tmpdir(), 'pullgate-redis-'))
  const port = await freePort()
  let child = await launch(port, dir, settings)
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return {
    port,
    dir,
    kill,
    start: async () => {
      child = await launch(port, dir, settings)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    close: async () => {
      await kill()
      process.off('exit', killOnExit)
      await rm(dir, { recursive: true, force: true })
    },
  }
}
