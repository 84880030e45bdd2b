import { join } from 'node:path'
import { kitSuite } from './kit-suite.ts'
import { forgetRows } from './outbox.ts'
import { phpRuntime } from './runtimes.ts'

const program = async (folder: string) => [join(folder, 'publisher.php')]

kitSuite({ name: 'php', runtime: phpRuntime, program, forget: forgetRows, hasTable: true })
