import { expect, test } from 'vitest'
import { canRunKafka, privateKafka } from '../integration/private-kafka.ts'
import { openRelay } from './real/relay.ts'
import { runRound } from './real/round.ts'

const SEED = 7
const FAULTS_FOR_SECONDS = 10

test.runIf(canRunKafka)(
  'real processes come through kills, lost writes and broken connections with every balance right',
  async () => {
    process.env['LAB_ERP_PASSWORD'] ??= 'lab-erp-password'
    const relay = await openRelay()
    const kafka = await privateKafka(relay.port)
    const said: string[] = []
    try {
      await kafka.start()
      relay.pointTo(kafka.port)
      const report = await runRound(SEED, FAULTS_FOR_SECONDS, kafka, relay, (text) => said.push(text))
      expect(report.problems, said.join('\n')).toEqual([])
      expect(report.pulls).toBeGreaterThan(0)
    } finally {
      await kafka.close()
      await relay.close()
    }
  },
  300_000,
)
