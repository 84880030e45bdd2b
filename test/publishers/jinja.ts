import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, SetupError } from '../../scripts/setup/exec.mjs'
import { CACHE } from '../../scripts/setup/tools.mjs'

const VERSION = '3.1.6'

/** A python that has the real Jinja: the machine's own, else a virtual environment that is made once. */
export const requireJinja = async (): Promise<string> => {
  if ((await run('python3', ['-c', 'import jinja2'])).code === 0) return 'python3'
  const folder = join(CACHE, `jinja-${VERSION}`)
  const python = join(folder, 'bin', 'python3')
  if (existsSync(python)) return python
  const making = `${folder}-${process.pid}`
  await mkdir(CACHE, { recursive: true })
  for (const [command, args] of [
    ['python3', ['-m', 'venv', making]],
    [join(making, 'bin', 'pip'), ['install', '-q', `jinja2==${VERSION}`]],
  ] as const) {
    const { code, output } = await run(command, args)
    if (code !== 0) throw new SetupError(`Jinja could not be installed:\n${output}`)
  }
  await rename(making, folder).catch(() => rm(making, { recursive: true, force: true }))
  return python
}
