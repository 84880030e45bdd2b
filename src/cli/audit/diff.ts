import type { StudentId } from '../../../projections/values/ids.ts'
import { compareStudent } from '../../audit/compare-student.ts'
import { erpDirectory } from '../../erp/directory.ts'
import { stderrLog } from '../../logging.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printJson, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { withSettle } from './options.ts'
import { comparedLines } from './report.ts'

export const studentDiff: Register = (cli) =>
  withSettle(
    cli.command(
      'student diff <identifier>',
      'compares the projection with the ERP, field by field; exit 1 on a difference',
      ['npx pullgate student diff S-1001'],
    ),
  ).action(
    cli.run((identifier: string, options: { settle: number }) =>
      runDiff(parseIdentifier(identifier), options.settle, cli.globals()),
    ),
  )

const runDiff = (identifier: StudentId, settle: number, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    if (!config.erp && config.branches.every(({ erp }) => !erp))
      throw new CliFailure('No ERP is configured to compare with: set erp or branches[].erp')
    const erps = erpDirectory(config, { log: stderrLog('silent') })
    try {
      const deps = { engine, config, erps, settleMs: settle * 1000, turn: async () => {} }
      const compared = await compareStudent(deps, identifier)
      if (globals.json) await printJson(compared)
      else await printLines(compared.flatMap(comparedLines))
      return compared.every(({ outcome }) => outcome === 'same' || outcome === 'absent') ? 0 : 1
    } finally {
      await erps.close()
    }
  })
