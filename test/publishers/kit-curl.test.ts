import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { kitSuite } from './kit-suite.ts'
import { shRuntime } from './runtimes.ts'

const forget = async (folder: string, count: number): Promise<void> => {
  const [sent, waiting] = [join(folder, 'outbox/sent'), join(folder, 'outbox/waiting')]
  for (const file of (await readdir(sent)).sort().slice(-count)) await rename(join(sent, file), join(waiting, file))
}

const program = async (folder: string) => [join(folder, 'publish.sh')]

kitSuite({ name: 'curl', runtime: shRuntime, program, forget, hasTable: false })
