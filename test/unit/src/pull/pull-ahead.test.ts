import { expect, test } from 'vitest'
import type { PartitionView } from '../../../../consumers/ports/store.ts'
import { lastKnownGood } from '../../../../src/pull/last-known-good.ts'
import { publishers } from '../../../../src/pull/publishers.ts'
import { pullFrom } from '../../../../src/pull/pull.ts'
import { CALENDAR } from '../../../lab/sim/plan.ts'
import { answersOf, SIGNATURE, scripted } from '../../../support/scripted-projection.ts'

/** A gateway without an ERP, and what it keeps of proofs. */
const gatewayOn = (script: ReturnType<typeof scripted>) => {
  const kept = { dated: [] as PartitionView[], ahead: 0 }
  const known = lastKnownGood(60_000, 1_000_000)
  const pull = pullFrom({
    config: () => ({ branches: [] }),
    reader: script.reader,
    proof: {
      mode: 'strict',
      waitMs: 20,
      signature: SIGNATURE,
      ends: script.endsLookup,
      isSound: () => true,
      onWait: () => {},
    },
    publishers: publishers(script.reader),
    erps: { forBranch: () => undefined },
    known: { ...known, proven: (partitions) => void kept.dated.push(...partitions) },
    partitionOf: script.partitionOf,
    onFallback: () => {},
    onAhead: () => {
      kept.ahead += 1
    },
    onFault: () => {},
    rendering: { policy: { balance_basis: 'payable', paid_instalments: 'omit' }, calendar: CALENDAR },
    severalYears: 'latest',
    clock: Date.now,
  })
  const ask = (branch = {}) =>
    pull({ identifier: 'S-1', ...branch }, { username: 'c', scope: 'all' }, performance.now() + 10_000, 'r')
  return { ask, kept }
}

test('an answer that is proven for its student alone dates no partition for what was last known', async () => {
  const script = scripted()
  script.students.set('S-1', { partition: 0, answers: answersOf([{}]) })
  const { ask, kept } = gatewayOn(script)
  expect(await ask()).toMatchObject({ kind: 'answer', source: 'projection' })
  expect([kept.dated.map(({ partition }) => partition), kept.ahead]).toEqual([[0], 0])
  script.ends.set(0, 15)
  script.scouted.set(0, { upTo: 15 })
  expect(await ask()).toMatchObject({ kind: 'answer', source: 'projection' })
  expect([kept.dated.length, kept.ahead]).toEqual([1, 1])
})

test('a student who has an event in the backlog is not answered from the projection', async () => {
  const script = scripted()
  script.students.set('S-1', { partition: 0, answers: answersOf([{}]) })
  script.ends.set(0, 15)
  script.scouted.set(0, { upTo: 15, marks: { 'S-1': 12 } })
  const { ask, kept } = gatewayOn(script)
  expect(await ask()).toMatchObject({ kind: 'failure', reason: 'stale' })
  expect(kept).toEqual({ dated: [], ahead: 0 })
})

test('a pull without an answer names the branch whose ERP could have given one', async () => {
  const script = scripted()
  script.students.set('S-1', { partition: 0, answers: answersOf([{}]) })
  script.ends.set(0, 15)
  const { ask } = gatewayOn(script)
  expect(await ask({ collector_code: 'MUM-02' })).toMatchObject({ kind: 'failure', branch: 'MUM-02' })
})
