import { expect, test } from 'vitest'
import { canRunKafka } from '../integration/private-kafka.ts'
import { openLabPair } from './real/lab-redis.ts'
import { openOneBroker } from './real/one-broker.ts'
import { runRound } from './real/round.ts'

const SEED = 7
const FAULTS_FOR_SECONDS = 10

test.runIf(canRunKafka)(
  'real processes come through kills, lost writes and broken connections with every balance right',
  async () => {
    process.env['LAB_ERP_PASSWORD'] ??= 'lab-erp-password'
    const kafka = await openOneBroker()
    const said: string[] = []
    try {
      const round = { seed: SEED, round: 0, seconds: FAULTS_FOR_SECONDS }
      const report = await runRound(round, kafka, openLabPair, (text) => said.push(text))
      expect(report.problems, said.join('\n')).toEqual([])
      expect(report.pulls).toBeGreaterThan(0)
    } finally {
      await kafka.close()
    }
  },
  300_000,
)
