import { describe, expect, test } from 'vitest'
import type { ScoutLedger } from '../../consumers/ports/scout-ledger.ts'
import { REAL, type Rules, type Scene, walk } from '../support/scout-model.ts'

/** Each is walked to its end: some 10,000 to 200,000 states. */
const SCENES = {
  'one scout': { script: 'ABA', scouts: 1, repeats: true },
  'two scouts, one of them late': { script: 'AB', scouts: 2 },
  'two scouts, and two events of the student': { script: 'AA', scouts: 2 },
  'a store that goes back': { script: 'BAB', scouts: 1, rewinds: true },
  'a log that loses its end': { script: 'BBA', scouts: 1, truncates: true },
  'a store that goes back and a log that loses its end': { script: 'BA', scouts: 1, rewinds: true, truncates: true },
} as const satisfies Record<string, Scene>
type SceneName = keyof typeof SCENES

/** Some minutes each. */
const LARGE: Record<string, Scene> = {
  'two scouts and three events': { script: 'ABA', scouts: 2, repeats: true },
  'a store that goes back over three events': { script: 'BAB', scouts: 1, rewinds: true, repeats: true },
  'two scouts on a store that goes back': { script: 'BA', scouts: 2, rewinds: true },
  'two scouts on a log that loses its end': { script: 'BA', scouts: 2, truncates: true },
}
const scenes = Object.entries(Number(process.env['PULLGATE_EFFORT'] ?? 1) > 1 ? { ...SCENES, ...LARGE } : SCENES)

test.each(scenes)(
  'no order of reads and writes answers a student without an event: %s',
  (_name, scene) => {
    const { states, wrong, provenAhead } = walk(scene)
    expect(wrong).toBe(0)
    expect(states).toBeGreaterThan(10_000)
    expect(provenAhead).toBeGreaterThan(1000)
  },
  600_000,
)

const isWrong = (scene: SceneName, rules: Partial<Rules>): boolean =>
  walk(SCENES[scene], { ...REAL, ...rules }, true).wrong > 0

describe('the model notices', () => {
  const { isProven, withReport } = REAL
  const proofs: readonly (readonly [what: string, where: SceneName, rule: Rules['isProven']])[] = [
    [
      'a proof that takes any mark',
      'one scout',
      (ahead, ...rest) => isProven(ahead && { ...ahead, mark: -1 }, ...rest),
    ],
    [
      'a proof without a lower end of the range',
      'a store that goes back',
      (ahead, ...rest) => isProven(ahead && { ...ahead, from: 0 }, ...rest),
    ],
    [
      'a proof without an upper end of the range',
      'one scout',
      (ahead, next, end) => isProven(ahead && { ...ahead, upTo: end.end }, next, end),
    ],
    [
      'a proof by another log',
      'a log that loses its end',
      (ahead, next, end) => isProven(ahead && { ...ahead, identity: end.identity }, next, end),
    ],
  ]
  test.each(proofs)(
    '%s',
    (_what, where, broken) => {
      expect(isWrong(where, { isProven: broken })).toBe(true)
    },
    120_000,
  )

  const changed =
    (change: (before: ScoutLedger | null, after: ScoutLedger) => ScoutLedger): Rules['withReport'] =>
    (stored, report, applied) => {
      const { ledger, outcome } = withReport(stored, report, applied)
      return { ledger: ledger && change(stored, ledger), outcome }
    }
  const ledgers: readonly (readonly [what: string, where: SceneName, rule: Rules['withReport']])[] = [
    [
      'marks that a late report lowers',
      'two scouts, and two events of the student',
      (stored, report, applied) => {
        const { ledger, outcome } = withReport(stored, report, applied)
        if (ledger === null || outcome.kind !== 'added') return { ledger, outcome }
        return { ledger: { ...ledger, marks: new Map([...ledger.marks, ...report.marks]) }, outcome }
      },
    ],
    [
      'marks that are dropped while the range still covers them',
      'a store that goes back',
      changed((before, after) => ({
        ...after,
        scouted: { ...after.scouted, from: Math.min(after.scouted.from, before?.scouted.from ?? after.scouted.from) },
      })),
    ],
    [
      'a range that grows over a gap',
      'a store that goes back',
      (stored, report, applied) =>
        withReport(stored, stored ? { ...report, from: Math.min(report.from, stored.scouted.upTo) } : report, applied),
    ],
    [
      'a range that goes on with another log’s marks',
      'a log that loses its end',
      (stored, report, applied) =>
        withReport(stored && { ...stored, scouted: { ...stored.scouted, identity: report.identity } }, report, applied),
    ],
    [
      'a range without its marks',
      'one scout',
      changed((before, after) => ({ ...after, marks: before?.marks ?? new Map() })),
    ],
  ]
  test.each(ledgers)(
    '%s',
    (_what, where, broken) => {
      expect(isWrong(where, { withReport: broken })).toBe(true)
    },
    120_000,
  )
})
