import { delimiter, join } from 'node:path'
import { kitSuite } from './kit-suite.ts'
import { forgetRows } from './outbox.ts'
import { javaRuntime } from './runtimes.ts'
import { call } from './shell.ts'

/** Compiled once: `java Publisher.java` would compile it on every call. */
const compiled = async (folder: string): Promise<readonly string[]> => {
  const runtime = await javaRuntime()
  const ended = await call('javac', ['-d', folder, join(folder, 'Publisher.java')], { env: runtime?.env ?? {} })
  if (ended.code !== 0) throw new Error(ended.output)
  return ['-cp', [folder, runtime?.env['CLASSPATH']].join(delimiter), 'Publisher']
}

kitSuite({ name: 'java', runtime: javaRuntime, program: compiled, forget: forgetRows, hasTable: true })
