import { join } from 'node:path'
import { kitSuite } from './kit-suite.ts'
import { forgetRows } from './outbox.ts'
import { pythonRuntime } from './runtimes.ts'

const program = async (folder: string) => [join(folder, 'publisher.py')]

kitSuite({ name: 'python', runtime: pythonRuntime, program, forget: forgetRows, hasTable: true })
