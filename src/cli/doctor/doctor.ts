import { configFile } from '../../config/load.ts'
import { stderrLog } from '../../logging.ts'
import { openEngine } from '../../roles/open-engine.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { print, printJson } from '../command/output.ts'
import { reload } from '../command/settings.ts'
import { checkErps } from './erp-checks.ts'
import { type DoctorFinding, fail, findingLine, messageOf, ok } from './finding.ts'
import { checkLog } from './log-checks.ts'
import { checkReading } from './reading-checks.ts'
import { checkProjection, checkStore } from './store-checks.ts'

export const doctor: Register = (cli) =>
  cli
    .command('doctor', 'checks configuration, Kafka, topics, Redis, projection and ERPs, and says what to fix', [
      'npx pullgate doctor',
      `npx pullgate doctor --json | jq '.[] | select(.status != "ok")'`,
    ])
    .action(cli.run(() => runDoctor(cli.globals())))

/** Changes nothing. */
const runDoctor = async (globals: Globals): Promise<ExitCode> => {
  const findings: DoctorFinding[] = []
  const add = async (found: readonly DoctorFinding[]): Promise<void> => {
    findings.push(...found)
    if (!globals.json) for (const finding of found) await print(`${findingLine(finding)}\n`)
  }
  await examine(globals, add)
  if (globals.json) await printJson(findings)
  return findings.some(({ status }) => status === 'fail') ? 1 : 0
}

const examine = async (globals: Globals, add: (found: readonly DoctorFinding[]) => Promise<void>): Promise<void> => {
  const file = configFile(globals.config, process.env)
  const result = reload(globals)
  if (!result.ok) {
    const mend = `edit ${file}; docs/configuration.md has every key`
    return add(
      result.problems.map(({ path, message }) => fail('config', `${path === '' ? '' : `${path}: `}${message}`, mend)),
    )
  }
  const { config } = result
  await add([ok('config', `${file} is valid`)])
  try {
    const engine = openEngine(config, 'projector', stderrLog('silent'))
    try {
      const log = await checkLog(engine, config)
      await add(log)
      const store = await checkStore(engine, config)
      await add(store)
      const reading = log.some(({ status }) => status === 'fail') ? [] : await checkReading(engine, config)
      await add(reading)
      if (![...log, ...reading, ...store].some(({ status }) => status === 'fail'))
        await add(await checkProjection(engine, config))
    } finally {
      await engine.close()
    }
  } catch (error) {
    await add([fail('store', messageOf(error), 'npx pullgate all makes the file')])
  }
  await add(await checkErps(config))
}
