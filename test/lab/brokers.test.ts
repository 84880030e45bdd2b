import { expect, test } from 'vitest'
import { canRunKafka } from '../integration/private-kafka.ts'
import { openLabPair } from './real/lab-redis.ts'
import { runRound } from './real/round.ts'
import { openThreeBrokers } from './real/three-brokers.ts'

/** Its first fault takes a leader away. */
const SEED = 20_000

test.runIf(canRunKafka)(
  'three brokers of which one that leads goes away cost no balance, and added partitions are never answered over',
  async () => {
    process.env['LAB_ERP_PASSWORD'] ??= 'lab-erp-password'
    const kafka = await openThreeBrokers()
    const said: string[] = []
    try {
      const report = await runRound({ seed: SEED, round: 0, seconds: 1 }, kafka, openLabPair, (text) => said.push(text))
      expect(report.problems, said.join('\n')).toEqual([])
      expect(Object.keys(report.injected).join()).toContain('broker that leads')
      expect(report.injected['partitions added to the topic']).toBe(1)
      expect(report.pulls).toBeGreaterThan(0)
    } finally {
      await kafka.close()
    }
  },
  300_000,
)
