import { randomUUID } from 'node:crypto'
import type { Config } from '../../config/load.ts'
import { erpDirectory } from '../../erp/directory.ts'
import { type ErpOutcome, OURSELVES } from '../../erp/port.ts'
import { probeFailure } from '../../erp/probing.ts'
import { stderrLog } from '../../logging.ts'
import { type DoctorFinding, fail, ok, warn } from './finding.ts'

/** Each ERP is asked for a student that does not exist, as a pull would: it must say so. */
export const checkErps = async (config: Config): Promise<readonly DoctorFinding[]> => {
  const erps = erpDirectory(config, { log: stderrLog('silent') })
  try {
    const places = [
      ...(config.erp ? [{ name: 'the group', branch: null }] : []),
      ...config.branches.flatMap(({ collector_code, erp }) =>
        erp ? [{ name: `branch ${collector_code}`, branch: collector_code }] : [],
      ),
    ]
    if (places.length === 0)
      return [
        warn(
          'erp',
          'none is configured: what the projection cannot prove is not answered',
          'set erp or branches[].erp',
        ),
      ]
    return await Promise.all(
      places.map(async ({ name, branch }) => {
        const lookup = {
          identifier: `pullgate-doctor-${randomUUID()}`,
          ...(branch !== null && { collector_code: branch }),
        }
        const outcome = await erps
          .forBranch(branch)!
          .fetch(lookup, OURSELVES, performance.now() + config.pull.deadline_ms)
        return judged(name, outcome, erps.probed().includes(erps.forBranch(branch)!))
      }),
    )
  } finally {
    await erps.close()
  }
}

const judged = (name: string, outcome: ErpOutcome, isProbed: boolean): DoctorFinding => {
  const failure = probeFailure(outcome)
  if (failure !== null) return fail('erp', `${name}: ${failure}`, mendOf(outcome))
  const unprobed = isProbed ? '' : ' (probe: off, so that only a pull shows when it stops answering)'
  return ok('erp', `${name}: answers, and knows no student that does not exist${unprobed}`)
}

const mendOf = (outcome: ErpOutcome): string => {
  if (outcome.kind === 'answer') return 'let it answer 422 student_not_found'
  if (outcome.kind === 'bad_response') return 'see docs/erp.md for what an ERP must answer'
  return outcome.mend ?? MENDS[outcome.cause]
}

const MENDS = {
  status: 'look at its log: it answers with an error status',
  connection: 'check its url, DNS and firewall: no connection comes about',
  timeout: 'it is too slow: look at the ERP, or raise its timeout_ms',
  open: 'try again in a while',
  busy: 'try again in a while',
} as const
