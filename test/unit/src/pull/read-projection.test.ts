import { expect, test } from 'vitest'
import type { Scope } from '../../../../projections/answers/lookup.ts'
import { lookAt, withFee } from '../../../support/look-at-projection.ts'
import { answersOf, type Scripted, scripted } from '../../../support/scripted-projection.ts'

/** An event on partition 3 that belongs to partition 0: it is moved, and applied there, while partition 3 catches up. */
const misrouted = (script: Scripted, custom: string | null = null) => {
  script.students.set('S-1', withFee(1, custom))
  script.ends.set(3, 11)
  let reads = 0
  script.onRead = (what) => {
    if (what !== 'partitions' && what !== 'ahead' && what !== 'byCustom') return
    if (++reads < 2) return
    script.next.set(3, 11).set(0, 11)
    script.ends.set(0, 11)
    script.students.set('S-1', withFee(2, custom))
    if (what === 'byCustom') script.misrouting.add('/erp/a')
  }
}
test('an event that is being moved from a wrong partition is in the answer, where its source misroutes', async () => {
  const script = scripted()
  misrouted(script)
  script.misrouting.add('/erp/a')
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ body: '2', freshness: 'proven' })
})

test('one whose source misroutes is behind while any partition is', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  script.ends.set(3, 11)
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'proven' })
  script.misrouting.add('/erp/b')
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'proven' })
  script.misrouting.add('/erp/a')
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'behind' })
})

test('a lookup by custom identifier is made anew where misrouted events were moved meanwhile', async () => {
  const script = scripted()
  misrouted(script, 'C')
  let afterProof = false
  const { onRead } = script
  script.onRead = async (what) => {
    if (what === 'student' && script.next.get(3) === 11 && !afterProof) {
      // The record that this look reads is the one from before the move; the next look reads the new one.
      afterProof = true
      script.students.set('S-1', withFee(1, 'C'))
      return
    }
    await onRead(what)
  }
  expect(await lookAt(script, { custom_identifier: 'C' })).toMatchObject({ body: '2', freshness: 'proven' })
})

test('in bounded mode the log is asked about those whose source misroutes, however young the leases are', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  for (const partition of script.next.keys()) script.leases.set(partition, 9_999)
  script.ends.set(3, 11)
  expect(await lookAt(script, { identifier: 'S-1' }, { mode: 'bounded' })).toMatchObject({ freshness: 'proven' })
  script.misrouting.add('/erp/a')
  expect(await lookAt(script, { identifier: 'S-1' }, { mode: 'bounded' })).toMatchObject({ freshness: 'behind' })
  expect(await lookAt(script, { identifier: 'new' }, { mode: 'bounded', erp: false })).toMatchObject({
    freshness: 'behind',
  })
})

test('that there is no such student needs every partition, where no ERP can be asked', async () => {
  const script = scripted()
  script.ends.set(3, 11)
  expect(await lookAt(script, { identifier: 'S-9' })).toMatchObject({ body: 'none', freshness: 'proven' })
  expect(await lookAt(script, { identifier: 'S-9' }, { erp: false })).toMatchObject({
    body: 'none',
    freshness: 'behind',
  })
})

test('a student whose first event is being moved is found, where no ERP can be asked', async () => {
  const script = scripted()
  misrouted(script)
  script.students.clear()
  expect(await lookAt(script, { identifier: 'S-1' }, { erp: false })).toMatchObject({ body: '2', freshness: 'proven' })
})

test('a lookup by custom identifier needs every partition', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1, 'C'))
  expect(await lookAt(script, { custom_identifier: 'C' })).toMatchObject({ body: '1', freshness: 'proven' })
  script.ends.set(2, 11)
  expect(await lookAt(script, { custom_identifier: 'C' })).toMatchObject({ freshness: 'behind' })
})

test('a record that was read after its index, from a store that lost writes meanwhile, is not fresh', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1, 'C'))
  script.onRead = (what) => void (what === 'student' && script.next.set(0, 8))
  expect(await lookAt(script, { custom_identifier: 'C' })).toMatchObject({ freshness: 'behind' })
})

test('an index and a record of two generations are no answer', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1, 'C'))
  script.onRead = (what) => {
    if (what === 'student') script.generation = 2
    if (what === 'byCustom') script.generation = 1
  }
  expect(await lookAt(script, { custom_identifier: 'C' })).toBeNull()
})

/** Partition 0 is behind, scanned up to its end, and S-1 has nothing there. */
const behindButFor = (...marked: readonly string[]): Scripted => {
  const script = scripted()
  script.students.set('S-1', withFee(1, 'C'))
  script.ends.set(0, 15)
  script.scouted.set(0, { upTo: 15, marks: Object.fromEntries(marked.map((id) => [id, 12])) })
  return script
}

test('a student without an event in the backlog is answered for, one with an event is not', async () => {
  const script = behindButFor('S-2')
  script.students.set('S-2', withFee(2))
  const query = { identifier: 'S-1', custom_identifier: 'C' }
  expect(await lookAt(script, query)).toMatchObject({ body: '1', freshness: 'proven', covers: 'student' })
  expect(await lookAt(script, { identifier: 'S-2' })).toMatchObject({ freshness: 'behind' })
})

test('a lookup by custom identifier alone, and a definite absence, need all of a backlog', async () => {
  const script = behindButFor()
  expect(await lookAt(script, { custom_identifier: 'C' })).toMatchObject({ freshness: 'behind' })
  expect(await lookAt(script, { identifier: 'S-9' })).toMatchObject({ body: 'none', freshness: 'proven' })
  expect(await lookAt(script, { identifier: 'S-9' }, { erp: false })).toMatchObject({
    body: 'none',
    freshness: 'behind',
  })
})

test('one whose source misroutes needs every partition to be scanned without an event of the student', async () => {
  const script = behindButFor()
  script.misrouting.add('/erp/a')
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'proven', covers: 'student' })
  script.ends.set(3, 12)
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'behind' })
  script.scouted.set(3, { upTo: 12, marks: { 'S-2': 11 } })
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'proven' })
  script.scouted.set(3, { upTo: 12, marks: { 'S-1': 11 } })
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'behind' })
})

test('while a misrouted record is not applied yet, everybody needs every partition, whoever sent it', async () => {
  const script = behindButFor()
  script.ends.set(3, 12)
  script.scouted.set(3, { from: 10, upTo: 12, misrouted: 11, marks: { 'S-1': 11 } })
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'behind' })
  script.scouted.set(3, { from: 10, upTo: 12, misrouted: 11, marks: { 'S-2': 11 } })
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'proven' })
})

test('an event that is being moved out of a backlog is in the answer', async () => {
  const script = behindButFor()
  script.misrouting.add('/erp/a')
  script.ends.set(3, 12)
  script.scouted.set(3, { upTo: 12, marks: { 'S-1': 11 } })
  let reads = 0
  script.onRead = (what) => {
    if (what !== 'ahead' || ++reads !== 3) return
    // Partition 3 applies it: it is moved to partition 0, behind all that was asked about before.
    script.next.set(3, 12)
    script.ends.set(0, 16)
    script.scouted.set(0, { upTo: 16, marks: { 'S-1': 15 } })
  }
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ freshness: 'behind' })
})

test('a suspect student counts where nothing matches, but not for a client of other branches', async () => {
  const script = scripted()
  script.students.set('S-1', { partition: 0, answers: answersOf([{}], { suspect: true }) })
  script.students.set('S-0', { partition: 0, answers: answersOf([], { suspect: true }) })
  const suspectTo = async (identifier: string, scope: Scope, erp = true) =>
    lookAt(script, { identifier, grade: '9' }, { scope, erp })
  expect(await suspectTo('S-1', 'all')).toMatchObject({ body: 'none', suspect: true })
  expect(await suspectTo('S-1', new Set(['BLR-01']))).toMatchObject({ body: 'none', suspect: true })
  expect(await suspectTo('S-0', new Set(['BLR-02']))).toMatchObject({ body: 'none', suspect: true })
  const elsewhere = { body: 'none', suspect: false, covers: 'partitions' }
  expect(await suspectTo('S-1', new Set(['BLR-02']))).toEqual({ ...elsewhere, freshness: 'proven' })
  // Without an ERP "there is no such student" would be told, and what is missing may make it one of this branch.
  expect(await suspectTo('S-1', new Set(['BLR-02']), false)).toEqual({ ...elsewhere, freshness: 'behind' })
})

test('a suspect bearer of a custom identifier counts only for those who may see it', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1, 'C'))
  const suspect = answersOf([{ customIdentifier: 'C', collectorCode: 'BLR-02' }], { suspect: true })
  script.students.set('S-2', { partition: 1, answers: suspect })
  const query = { custom_identifier: 'C', collector_code: 'BLR-01' }
  expect(await lookAt(script, query)).toMatchObject({ suspect: true })
  expect(await lookAt(script, query, { scope: new Set(['BLR-01']) })).toMatchObject({ body: '1', suspect: false })
})

test('a store that fails between two looks makes what was read behind, not unread', async () => {
  const script = scripted()
  script.students.set('S-1', withFee(1))
  script.onRead = (what) => {
    if (what === 'misrouting') throw new Error('gone')
  }
  expect(await lookAt(script, { identifier: 'S-1' })).toMatchObject({ body: '1', freshness: 'behind' })
})
