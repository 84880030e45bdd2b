import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SetupError } from './exec.mjs'

const SUPERVISOR = fileURLToPath(new URL('supervisor.mjs', import.meta.url))

export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Starts a server that cannot outlive this process, and waits until it says that it is ready.
 * Returns its pid, and `stop`, which resolves when it is gone.
 */
export const startServer = async (name, command, args, { ready, env, cwd, timeoutMs = 60_000 }) => {
  const supervisor = spawn(process.execPath, [SUPERVISOR, command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C at the terminal is for us: the server ends when we end it.
    detached: true,
  })
  let output = ''
  let pid = Number.NaN
  const listen = (chunk) => {
    output = (output + chunk).slice(-20_000)
    // The supervisor says it first, in a line of its own.
    if (Number.isNaN(pid) && output.includes('\n')) pid = Number(output.split('\n', 1)[0])
  }
  supervisor.stdout.on('data', listen)
  supervisor.stderr.on('data', listen)
  supervisor.stdin.on('error', () => {})
  const exited = once(supervisor, 'exit')
  const until = Date.now() + timeoutMs
  while (!output.includes(ready)) {
    if (supervisor.exitCode !== null || Date.now() > until) {
      supervisor.stdin.end()
      throw new SetupError(`${name} did not start; the last it said:\n${output.slice(-2000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  supervisor.unref()
  for (const stream of [supervisor.stdin, supervisor.stdout, supervisor.stderr]) stream.unref?.()
  return {
    pid,
    pause: () => process.kill(pid, 'SIGSTOP'),
    resume: () => process.kill(pid, 'SIGCONT'),
    stop: async () => {
      supervisor.ref()
      supervisor.stdin.end()
      await exited
    },
  }
}
