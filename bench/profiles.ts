import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** CPU profiles of every process that is started from here on: written when it ends in order, named after what it is. */

const names = new Map<number, string>()

/** What the process is: the beginning of its profile's name. */
export const calledFor = (pid: number, name: string): void => void names.set(pid, name)

export const profileInto = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true })
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --cpu-prof --cpu-prof-dir=${dir}`.trim()
}

/** Node's own names tell a process by its number alone. */
export const nameProfiles = async (dir: string): Promise<readonly string[]> => {
  const named = await Promise.all(
    (await readdir(dir)).map(async (file) => {
      const [, , , pid = '', thread = ''] = file.split('.')
      const name = names.get(Number(pid))
      if (name === undefined) return file
      const better = `${name}.${pid}.${thread}.cpuprofile`
      await rename(join(dir, file), join(dir, better))
      return better
    }),
  )
  return named.sort()
}
