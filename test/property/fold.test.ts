import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { decode } from '../../consumers/events/decode.ts'
import { foldStudent } from '../../consumers/projector/fold-student.ts'
import { anyHistory, anySnapshot, decidedHistory, plainFact, SOURCES } from '../support/arbitraries.ts'
import { law } from '../support/law.ts'
import { asStudentId, type Entry, RENDERING, recordsOf, tell, tellOn } from '../support/tell.ts'

const cut = fc.nat({ max: 60 })

describe('folding', () => {
  law(
    'a prefix and then the rest gives the bytes of the whole',
    fc.tuple(decidedHistory, cut),
    ([entries, at]) => {
      const before = entries.slice(0, at)
      const prefix = tell(...before)
      const rest = tellOn({ bytes: prefix.bytes, count: before.length }, entries.slice(at))
      const whole = tell(...entries)
      expect((rest.bytes ?? prefix.bytes)?.toString('latin1')).toBe(whole.bytes?.toString('latin1'))
      expect([...prefix.outcomes, ...rest.outcomes]).toEqual(whole.outcomes)
      expect([...prefix.letters, ...rest.letters]).toEqual(whole.letters)
    },
    { runs: 700 },
  )

  law(
    'many events in one batch gives the bytes that one after another gives',
    anyHistory,
    (entries) => {
      const items = recordsOf(entries).flatMap(({ record, rerouted }) => {
        const decoded = decode(record)
        return decoded.kind === 'student' ? [{ content: decoded.content, rerouted }] : []
      })
      const share = foldStudent({ identifier: asStudentId('S-1'), items }, null, RENDERING)
      expect(share.record.toString('latin1')).toBe(
        tell(...entries).bytes?.toString('latin1') ?? share.record.toString('latin1'),
      )
    },
    { runs: 500 },
  )

  law(
    'an event again, at any later point, changes nothing',
    fc.tuple(anyHistory, anyHistory, cut),
    ([before, after, at]) => {
      const first = tell(...before)
      const again = at % before.length
      // What has died without an id, or was silenced after an erasure, is not known again.
      if (!/applied|held|orphan|conflict/.test(first.outcomes[again]!)) return
      const told = tell(...before, ...renamed(after))
      const record = recordsOf(before)[again]!
      const redelivered = tellOn({ bytes: told.bytes, count: before.length + after.length }, [
        record.rerouted ? { moved: record.record } : record.record,
      ])
      expect(redelivered.outcomes).toEqual(['duplicate'])
      expect(redelivered.bytes!.toString('latin1')).toBe(told.bytes!.toString('latin1'))
    },
    { runs: 700 },
  )

  law(
    'numbered events in any order of arrival gives the answers of their own order',
    fc.array(plainFact, { minLength: 1, maxLength: 10 }).chain((facts) =>
      fc.tuple(
        fc.constant(
          facts.map((said, index) => ({ ...said, id: `n${index}`, sequence: index + 1, time: '2026-06-01T09:00:00Z' })),
        ),
        fc.shuffledSubarray(
          facts.map((_, index) => index),
          { minLength: facts.length },
        ),
      ),
    ),
    ([facts, order]) => {
      const inOrder = tell(...facts)
      const shuffled = tell(...order.map((index) => facts[index]!))
      expect(shuffled.state.enrolments).toEqual(inOrder.state.enrolments)
      expect(shuffled.suspect).toBe(inOrder.suspect)
      expect(shuffled.letters.map(({ detail }) => detail).sort()).toEqual(
        inOrder.letters.map(({ detail }) => detail).sort(),
      )
    },
    { runs: 700 },
  )
})

/** The later history in ids of its own. */
const renamed = (entries: readonly Entry[]): Entry[] =>
  entries.map((entry) => {
    const rename = <T extends object>(said: T): T => ('id' in said ? { ...said, id: `later-${String(said.id)}` } : said)
    return 'moved' in entry ? { moved: rename(entry.moved) } : rename(entry)
  })

/** Later than any time that a history tells: a snapshot is read afterwards. */
const AFTERWARDS = '2026-07-01T00:00:00Z'

describe('whatever came before', () => {
  law(
    'snapshots of all sources heal the student',
    fc.tuple(decidedHistory, anySnapshot, anySnapshot),
    ([entries, one, other]) => {
      const healed = tell(
        ...entries,
        { ...one, source: SOURCES[0], id: 'heal-1', time: AFTERWARDS },
        { ...other, source: SOURCES[1], id: 'heal-2', time: AFTERWARDS },
      )
      expect(healed.outcomes.slice(-2).every((outcome) => /^(applied|ignored)/.test(outcome))).toBe(true)
      expect(healed.suspect).toBe(false)
    },
    { runs: 700 },
  )

  law(
    'after its snapshot a source goes on with the number after the highest seen',
    fc.tuple(anyHistory, plainFact),
    ([entries, said]) => {
      const source = SOURCES[0]
      const healing: Entry = { ...SNAPSHOT, source, id: 'heal', time: AFTERWARDS }
      const told = tell(...entries, healing)
      const { highest } = told.state.sources.get(source)!.numbers
      if (highest === 0n) return
      const next = tell(...entries, healing, { ...said, source, id: 'next', sequence: String(highest + 1n) })
      expect(next.outcomes.at(-1)).not.toMatch(/held|conflict|duplicate/)
    },
    { runs: 300 },
  )

  law(
    'at most 256 wait, and what is seen stays bounded',
    anyHistory,
    (entries) => {
      const { state } = tell(...entries)
      expect(state.waiting.length).toBeLessThanOrEqual(entries.length)
      expect(state.seen.text.split('~')).toHaveLength(state.seen.count + 1)
    },
    { runs: 500 },
  )
})

const SNAPSHOT = { type: 'erp.student.snapshot.v1', data: { student: { identifier: 'S-1' }, enrolments: [] } } as const
