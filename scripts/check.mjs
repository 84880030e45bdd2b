// Format, lint, layers, types and dead code, all at once; prints problems and one line.
import { ensureDeps } from './setup/deps.mjs'
import { projectEnv, run } from './setup/exec.mjs'

const CHECKS = [
  ['format and lint', 'biome', ['check', '.']],
  ['types of the core', 'tsc', ['-p', 'projections']],
  ['types', 'tsc', ['-p', '.']],
  ['layers', 'node', ['scripts/layers.ts']],
  ['sentences', 'node', ['scripts/prose.ts']],
  ['type names', 'node', ['scripts/type-names.ts']],
  ['dead code', 'knip', ['--no-progress']],
]

await ensureDeps((text) => process.stderr.write(`${text}\n`))
const began = Date.now()
const results = await Promise.all(
  CHECKS.map(async ([name, command, args]) => ({ name, ...(await run(command, args, { env: projectEnv() })) })),
)
const failed = results.filter(({ code }) => code !== 0)
for (const { name, output } of failed) process.stdout.write(`--- ${name}\n${output}\n`)
const seconds = ((Date.now() - began) / 1000).toFixed(1)
process.stdout.write(`check: ${results.length - failed.length} of ${results.length} in order (${seconds} s)\n`)
process.exitCode = failed.length === 0 ? 0 : 1
