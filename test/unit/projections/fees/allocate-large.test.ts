import { expect, test } from 'vitest'
import { balanceOf } from '../../../../projections/fees/balance.ts'
import type { IsoDate } from '../../../../projections/values/ids.ts'
import { allocated, assessed, enrolled, paid, scheduled } from '../../../golden/said.ts'
import { POLICY, tell } from '../../../support/tell.ts'

const COUNT = 10_000

test('ten thousand allocations over ten thousand instalments cost their sum, not their product', () => {
  const entries = Array.from({ length: COUNT }, (_, at) => ['2026-07-01', `r${at}`, [['A', 1]]] as const)
  const allocations = Array.from({ length: COUNT }, () => ['A', 1] as const)
  const { state } = tell(
    enrolled(),
    assessed([['A', COUNT]]),
    scheduled(...entries),
    paid('p', COUNT, allocated(...allocations)),
  )
  const [enrolment] = state.enrolments
  const tries = Array.from({ length: 3 }, () => {
    const started = performance.now()
    const balance = balanceOf(enrolment!, POLICY, '2026-06-15' as IsoDate)
    expect(balance).toMatchObject({ kind: 'coherent', components: [{ component_type: 'A', amount: 0 }] })
    return performance.now() - started
  })
  // Some 10 ms where each detail is passed once, seconds where every allocation passes them all.
  expect(Math.min(...tries)).toBeLessThan(1_000)
})
