import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' }).trim()

/** The last commit of the fold version before today's. */
export const lastOfFormerFold = (): string => {
  const raised = git('log', '-1', '--format=%H', '-GFOLD_VERSION = ', '--', 'projections/state/state.ts')
  return git('rev-parse', '--short=12', `${raised}^`)
}

/** The commit's files in a folder of their own, with the dependencies of this checkout. */
export const checkOut = (commit: string, folder: string): { readonly bin: string; readonly foldVersion: number } => {
  mkdirSync(folder, { recursive: true })
  const archive = execFileSync('git', ['-C', ROOT, 'archive', commit], { maxBuffer: 256 * 1024 * 1024 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const state = git('show', `${commit}:projections/state/state.ts`)
  return { bin: join(folder, 'bin/pullgate.mjs'), foldVersion: Number(/FOLD_VERSION = (\d+)/.exec(state)?.[1]) }
}

/** This checkout's package, as `npm pack` makes it, unpacked beside the dependencies. */
export const packThis = (folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT, encoding: 'utf8' }),
  ) as readonly { readonly filename: string }[]
  execFileSync('tar', ['-xzf', join(folder, packed!.filename), '-C', folder])
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package/node_modules'))
  return join(folder, 'package/bin/pullgate.mjs')
}
