import type { StudentId } from '../../../projections/values/ids.ts'
import { readStudent } from '../../audit/read-student.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printJson, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { showJson } from './show-json.ts'
import { showLines } from './show-lines.ts'

export const studentShow: Register = (cli) =>
  cli
    .command(
      'student show <identifier>',
      'prints what the projection knows about a student, and what it would answer',
      ['npx pullgate student show S-1001', 'npx pullgate student show S-1001 --json'],
    )
    .action(cli.run((identifier: string) => runShow(parseIdentifier(identifier), cli.globals())))

const runShow = (identifier: StudentId, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const look = await readStudent(engine, config, identifier)
    if (globals.json) await printJson(showJson(identifier, look, config))
    else await printLines(showLines(identifier, look, config))
    return look.known ? 0 : 1
  })
