// Compiles what `npm pack` takes into dist/. Development needs none of it: there Node runs the TypeScript as it is.
import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureDeps } from './setup/deps.mjs'
import { projectEnv, ROOT, run } from './setup/exec.mjs'

const DIST = join(ROOT, 'dist')

/** Node strips types in a checkout alone, so paths to threads and of declarations name the compiled files. */
const PATH_TO_SOURCE = /((?:new URL\(|from |import\()['"]\.{1,2}\/[^'"]+)\.ts(['"])/g

const gitCommit = async () => {
  const { code, stdout } = await run('git', ['rev-parse', '--short=12', 'HEAD']).catch(() => ({ code: 1 }))
  return code === 0 ? stdout.trim() : null
}

/** `SOURCE_DATE_EPOCH`, in seconds, makes a build reproducible. */
const buildDate = () => {
  const epoch = process.env.SOURCE_DATE_EPOCH
  return (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().slice(0, 10)
}

const compile = async () => {
  const { code, output } = await run('tsc', ['-p', 'tsconfig.package.json'], { env: projectEnv() })
  if (code !== 0) throw new Error(`the TypeScript does not compile:\n${output}`)
}

const renameSources = async () => {
  for (const file of await readdir(DIST, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue
    const text = await readFile(join(DIST, file), 'utf8')
    const renamed = text.replace(PATH_TO_SOURCE, '$1.js$2')
    if (renamed !== text) await writeFile(join(DIST, file), renamed)
  }
}

/** Files that the program reads in addition to its code: Lua, the status page, the runbook. */
const copyAssets = async () => {
  for (const folder of ['src', 'consumers', 'projections'])
    for (const file of await readdir(join(ROOT, folder), { recursive: true }))
      if (/\.(lua|html|css|svg)$/.test(file)) await cp(join(ROOT, folder, file), join(DIST, folder, file))
  await cp(join(ROOT, 'docs/runbook.md'), join(DIST, 'docs/runbook.md'))
}

/** `src/version.ts` reads it beside the compiled code, as it reads the project's own in a checkout. */
const writeManifest = async () => {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const commit = process.env.PULLGATE_COMMIT || (await gitCommit()) || 'unknown'
  const build = { commit, date: buildDate() }
  await writeFile(join(DIST, 'package.json'), `${JSON.stringify({ name, version, type: 'module', build }, null, 2)}\n`)
}

// A release builds a copy whose lock has another version than the one that was installed: what counts is that tsc is there.
if (!existsSync(join(ROOT, 'node_modules/.bin/tsc'))) await ensureDeps((text) => process.stderr.write(`${text}\n`))
await rm(DIST, { recursive: true, force: true })
await compile()
await renameSources()
await copyAssets()
await writeManifest()
