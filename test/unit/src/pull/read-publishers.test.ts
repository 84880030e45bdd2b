import { expect, test } from 'vitest'
import type { PullQuery } from '../../../../projections/answers/pull-query.ts'
import { publishers } from '../../../../src/pull/publishers.ts'
import { lookAt, WATCHED, withFee } from '../../../support/look-at-projection.ts'
import { answersOf, scripted } from '../../../support/scripted-projection.ts'

test('a publisher is called dead only after a look at its heartbeats that begins after the pull', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  script.heartbeats.set('/erp/a', 1_000)
  const known = publishers(script.reader)
  const branches = [WATCHED]
  expect(await lookAt(script, { identifier: 'S-1' }, { branches, known })).toMatchObject({ freshness: 'behind' })
  script.heartbeats.set('/erp/a', 9_500)
  expect(await lookAt(script, { identifier: 'S-1' }, { branches, known })).toMatchObject({ freshness: 'proven' })
})

test('a heartbeat that another partition has, and that is not applied yet, is waited for', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  script.ends.set(3, 11)
  let reads = 0
  script.onRead = (what) => {
    if (what !== 'partitions' || ++reads < 2) return
    script.next.set(3, 11)
    script.heartbeats.set('/erp/a', 9_500)
  }
  expect(await lookAt(script, { identifier: 'S-1' }, { branches: [WATCHED] })).toMatchObject({ freshness: 'proven' })
})

test('a branch whose publisher is silent, or was never heard, is behind', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  const branches = [WATCHED]
  expect(await lookAt(script, { identifier: 'S-1' }, { branches })).toMatchObject({ freshness: 'behind' })
  script.heartbeats.set('/erp/a', 8_999)
  expect(await lookAt(script, { identifier: 'S-1' }, { branches })).toMatchObject({ freshness: 'behind' })
  script.heartbeats.set('/erp/a', 9_000)
  expect(await lookAt(script, { identifier: 'S-1' }, { branches })).toMatchObject({ freshness: 'proven' })
  script.heartbeats.set('/erp/a', 99_000)
  expect(await lookAt(script, { identifier: 'S-1' }, { branches })).toMatchObject({ freshness: 'proven' })
})

test('where nothing is found and no branch is named, every watched publisher must be alive', async () => {
  const script = scripted()
  const branches = [WATCHED, { collector_code: 'BLR-02' }]
  const ask = (query: PullQuery) => lookAt(script, query, { branches, erp: false })
  expect(await ask({ identifier: 'S-9' })).toMatchObject({ freshness: 'behind' })
  expect(await ask({ identifier: 'S-9', collector_code: 'BLR-02' })).toMatchObject({ freshness: 'proven' })
})

test("a student that is found in another branch in the end needs that one's publisher to be alive", async () => {
  const script = scripted()
  const inBranch = (collectorCode: string) => ({
    partition: 0,
    answers: answersOf([
      { collectorCode, now: { status: 'active', leftAt: null, leftOrder: 0, body: collectorCode, wants: null } },
    ]),
  })
  script.students.set('S-1', inBranch('MYS-01'))
  script.misrouting.add('/erp/a')
  script.onRead = (what) => {
    if (what === 'partitions') script.students.set('S-1', inBranch('BLR-01'))
  }
  expect(await lookAt(script, { identifier: 'S-1' }, { branches: [WATCHED] })).toMatchObject({
    body: 'BLR-01',
    freshness: 'behind',
  })
  script.students.set('S-1', inBranch('MYS-01'))
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ body: 'BLR-01', freshness: 'proven' })
})
