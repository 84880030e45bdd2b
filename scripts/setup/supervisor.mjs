// Runs one server and ends it when its parent process ends for any reason, which closes its stdin. Usage: node
// supervisor.mjs COMMAND ARGS… ; the first line on stdout is the server's pid.
import { spawn } from 'node:child_process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(127)
})
process.stdout.write(`${child.pid}\n`)

let isEnding = false
const end = () => {
  // A paused server handles SIGTERM only after SIGCONT.
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  if (!isEnding) setTimeout(() => child.kill('SIGKILL'), 5000)
  isEnding = true
}
process.stdin.resume().on('end', end).on('error', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
child.on('exit', (code) => process.exit(code ?? 0))
