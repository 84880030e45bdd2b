import { describe, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import type { ScoutReport } from '../../consumers/ports/scouted.ts'
import { batch, sid } from '../support/store-fixtures.ts'

/** Yesterday as a proof's moment has ended whatever the clocks; so far ahead it never ends. */
const LONG_AGO = 1
const FAR_AHEAD = 4_000_000_000_000

const report = (from: number, upTo: number, over: Partial<ScoutReport> = {}): ScoutReport => ({
  partition: 0,
  generation: 1,
  identity: 'log.0',
  from,
  upTo,
  marks: new Map(),
  everybody: -1,
  misrouted: -1,
  begins: false,
  marksAtMost: 100,
  proof: null,
  ...over,
})
const marks = (entries: Readonly<Record<string, number>>): ScoutReport['marks'] =>
  new Map(Object.entries(entries).map(([id, offset]) => [sid(id), offset]))

/** What scouts write and pulls read, on every adapter. */
export const scoutLaws = (storeOf: () => ProjectionStore): void => {
  const { scout, scouted, applied, ahead, markOf } = {
    scout: (one: ScoutReport) => storeOf().writer.scout(one),
    scouted: () => storeOf().writer.scouted(0),
    applied: async (next: number) => {
      const before = await storeOf().writer.checkpoint(1, 0)
      await storeOf().writer.apply(batch({ expected: before?.next ?? null, checkpoint: { next, metadata: 't' } }))
    },
    ahead: async (id: string) => (await storeOf().reader.studentAhead(0, sid(id))).scouted ?? null,
    markOf: async (id: string) => (await storeOf().reader.studentAhead(0, sid(id))).scouted?.mark,
  }

  describe('what scouts have scanned', () => {
    it('is nothing at first, and nothing is known ahead of any student', async () => {
      expect([await scouted(), await ahead('a')]).toEqual([null, null])
      expect((await storeOf().reader.scouted()).size).toBe(0)
    })

    it('is read with the student, its record and its checkpoint', async () => {
      await storeOf().admin.activate(null, 1)
      await storeOf().writer.apply(
        batch({ checkpoint: { next: 5, metadata: 't' }, records: new Map([[sid('a'), Buffer.from('A')]]) }),
      )
      expect(
        await scout(report(5, 9, { begins: true, marks: marks({ a: 7, b: 8 }), everybody: 6, misrouted: 5 })),
      ).toEqual({ kind: 'added', applied: 5, marks: 2 })
      const range = { identity: 'log.0', from: 5, upTo: 9, everybody: 6, misrouted: 5 }
      const { record, ...view } = await storeOf().reader.studentAhead(0, sid('a'))
      expect(Buffer.from(record!).toString()).toBe('A')
      const checkpoint = { next: 5, metadata: 't' }
      const scoutedForA = { ...range, mark: 7, proof: null }
      expect(view).toEqual({ generation: 1, partition: 0, checkpoint, lease: null, scouted: scoutedForA })
      const everywhere = await storeOf().reader.partitionsAhead(sid('c'))
      expect(everywhere.map((one) => one.scouted)).toEqual([{ ...range, mark: -1, proof: null }, null, null, null])
      expect([await scouted(), await storeOf().reader.scouted()]).toEqual([range, new Map([[0, range]])])
    })

    it('grows by ranges that touch it, on either side', async () => {
      await scout(report(10, 20, { begins: true, marks: marks({ a: 12 }) }))
      await scout(report(20, 30, { marks: marks({ b: 25 }), everybody: 21 }))
      await scout(report(5, 10, { marks: marks({ c: 6 }), misrouted: 7 }))
      expect(await scouted()).toEqual({ identity: 'log.0', from: 5, upTo: 30, everybody: 21, misrouted: 7 })
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(markOf))).toEqual([12, 25, 6, -1])
    })

    it('takes no range that does not touch it, nor one of another log, from a scout that goes on', async () => {
      expect(await scout(report(0, 5))).toEqual({ kind: 'apart' })
      await scout(report(10, 20, { begins: true, marks: marks({ a: 12 }) }))
      expect(await scout(report(21, 30, { marks: marks({ b: 25 }) }))).toEqual({ kind: 'apart' })
      expect(await scout(report(5, 9, { marks: marks({ a: 7 }) }))).toEqual({ kind: 'apart' })
      expect(await scout(report(15, 30, { identity: 'log.1' }))).toEqual({ kind: 'apart' })
      expect(await ahead('a')).toMatchObject({ from: 10, upTo: 20, mark: 12 })
    })

    it('is replaced by what a scout begins with, where the two do not touch or are of two logs', async () => {
      await scout(report(10, 20, { begins: true, marks: marks({ a: 12 }), everybody: 15, misrouted: 15 }))
      await scout(report(30, 40, { begins: true, marks: marks({ b: 31 }) }))
      expect(await ahead('a')).toMatchObject({ from: 30, upTo: 40, everybody: -1, misrouted: -1, mark: -1 })
      await scout(report(35, 45, { begins: true, identity: 'log.1', marks: marks({ c: 36 }) }))
      expect(await ahead('b')).toMatchObject({ identity: 'log.1', from: 35, upTo: 45, mark: -1 })
    })

    it('is not lowered by a scout that comes late', async () => {
      await scout(report(10, 30, { begins: true, marks: marks({ a: 25 }), everybody: 22 }))
      await scout(report(10, 20, { begins: true, marks: marks({ a: 12 }), everybody: 11 }))
      expect(await ahead('a')).toMatchObject({ from: 10, upTo: 30, everybody: 22, mark: 25 })
    })

    it('drops marks that are applied, and the range with them', async () => {
      await scout(report(0, 20, { begins: true, marks: marks({ a: 3, b: 15 }) }))
      await applied(10)
      expect(await scout(report(20, 25))).toEqual({ kind: 'added', applied: 10, marks: 1 })
      expect(await ahead('a')).toMatchObject({ from: 10, upTo: 25, mark: -1 })
      expect(await markOf('b')).toBe(15)
      await applied(40)
      expect(await scout(report(25, 30))).toEqual({ kind: 'added', applied: 40, marks: 0 })
      expect(await scouted()).toMatchObject({ from: 30, upTo: 30 })
    })

    it('has a bound: what does not fit is not taken, until enough is applied', async () => {
      const over = { marksAtMost: 2 }
      await scout(report(0, 10, { ...over, begins: true, marks: marks({ a: 1, b: 2 }) }))
      expect(await scout(report(10, 20, { ...over, marks: marks({ c: 12 }) }))).toMatchObject({
        kind: 'full',
        marks: 2,
      })
      expect(await scouted()).toMatchObject({ from: 0, upTo: 10 })
      await applied(2)
      expect(await scout(report(10, 20, { ...over, marks: marks({ c: 12 }) }))).toMatchObject({
        kind: 'added',
        marks: 2,
      })
      expect(await ahead('c')).toMatchObject({ from: 2, upTo: 20, mark: 12 })
    })

    it('is forgotten as one', async () => {
      await scout(report(0, 10, { begins: true, marks: marks({ a: 1 }), proof: proof(10, FAR_AHEAD) }))
      await storeOf().writer.forgetScouted(0)
      expect(await ahead('a')).toBeNull()
      await scout(report(0, 10, { begins: true }))
      expect(await ahead('a')).toMatchObject({ mark: -1, proof: null })
    })

    it('bears a proof while that is young, once all up to its end is scanned', async () => {
      await scout(report(0, 10, { begins: true, proof: proof(12, FAR_AHEAD) }))
      expect((await ahead('a'))?.proof).toBeNull()
      await scout(report(10, 12, { proof: proof(12, FAR_AHEAD) }))
      expect((await ahead('a'))?.proof).toEqual({ end: 12, provenAtMs: FAR_AHEAD })
      await scout(report(12, 15))
      expect((await ahead('a'))?.proof).toEqual({ end: 12, provenAtMs: FAR_AHEAD })
      await scout(report(15, 15, { proof: proof(13, LONG_AGO) }))
      expect((await ahead('a'))?.proof).toBeNull()
    })

    it('holds thousands of marks in one report, and any identifier', async () => {
      const many = new Map(Array.from({ length: 9000 }, (_, i) => [sid(`s{${i}}\u0001é`), i] as const))
      const outcome = await scout(report(0, 9000, { begins: true, marks: many, marksAtMost: 10_000 }))
      expect(outcome).toMatchObject({ kind: 'added', marks: 9000 })
      expect([await markOf('s{8999}\u0001é'), await markOf('s{0}\u0001é')]).toEqual([8999, 0])
    })
  })
}

const proof = (end: number, provenAtMs: number) => ({ end, provenAtMs, boundMs: 1000 })
