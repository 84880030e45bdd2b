import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutation } from './mutation.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const FOLDERS = ['bin', 'src', 'consumers', 'projections', 'test', 'docs', 'scripts'] as const
const FILES = ['package.json', 'vitest.config.ts', 'tsconfig.json', 'tsconfig.base.json'] as const

export type Tree = {
  readonly folder: string
  /** Takes one guard out, and puts it back. */
  readonly mutate: (mutation: Mutation) => Promise<() => Promise<void>>
  readonly remove: () => Promise<void>
}

/** A copy of the project that may be broken; the packages are shared. */
export const copyTree = async (): Promise<Tree> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-mutations-'))
  for (const name of FOLDERS) await cp(join(ROOT, name), join(folder, name), { recursive: true })
  for (const name of FILES) await cp(join(ROOT, name), join(folder, name))
  await mkdir(folder, { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    mutate: async (mutation) => {
      const file = join(folder, mutation.file)
      const sound = await readFile(file, 'utf8')
      await writeFile(file, mutated(sound, mutation))
      return () => writeFile(file, sound)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** @throws where the guard does not stand exactly once */
export const mutated = (text: string, { guard, file, search, replace }: Mutation): string => {
  const parts = text.split(search)
  if (parts.length !== 2) throw new Error(`${file}: the guard "${guard}" stands there ${parts.length - 1} times`)
  return parts.join(replace)
}
