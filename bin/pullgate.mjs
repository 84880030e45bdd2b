#!/usr/bin/env node
// In a checkout the program is TypeScript that Node runs as it is; an installed package has it compiled in dist/.
// npm's scripts and npx find the pinned Node of node_modules first. Started on an older one in any other way, this hands
// over to the pinned one.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

const source = new URL('../src/main.ts', import.meta.url)
const isCheckout = existsSync(source)
const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
const major = Number(process.versions.node.split('.')[0])

if (major >= 24) {
  // Some of these versions call node:sqlite experimental at every start; whoever runs this can do nothing about it.
  const { emitWarning } = process
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest)
  }
  // Else V8 comes to allocate what validation throws away as old at birth: it keeps young objects alive that nobody needs.
  // A projector that catches up had a third to a half more of them to copy.
  setFlagsFromString('--no-allocation-site-pretenuring')
  // Types are stripped and code is compiled once for all starts: 0.4 s of CPU less for every command.
  // An installed package keeps it in the system's folder for temporary files; where it cannot be written, Node does without.
  nodeModule.enableCompileCache(
    isCheckout ? fileURLToPath(new URL('../node_modules/.cache/pullgate', import.meta.url)) : undefined,
  )
  await import(isCheckout ? source : new URL('../dist/src/main.js', import.meta.url))
} else if (existsSync(pinned)) {
  const child = spawn(pinned, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)))
} else {
  process.stderr.write(
    `pullgate needs Node 24 or newer, this is ${process.version}${isCheckout ? '; run "npm ci" to get the pinned one' : ''}\n`,
  )
  process.exit(1)
}
