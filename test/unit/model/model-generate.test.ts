import { describe, expect, test } from 'vitest'
import { modelOf } from '../../model/model.ts'
import type { Policy } from '../../model/types.ts'
import { generateHistory } from '../../support/generate.ts'
import { layOut } from '../../support/generate-log.ts'

const POLICY: Policy = { balance_basis: 'net_of_direct', paid_instalments: 'zero', timezone: 'Asia/Kolkata' }
const SEEDS = Array.from({ length: 120 }, (_, index) => index + 1)

type Body = {
  data: {
    fee_components: { component_type: string; fee_amount: number }[]
    payment_schedule?: { details: { component_type: string; amount: number }[] }[]
  }
}

const paise = (rupees: number) => BigInt(Math.round(rupees * 100))

describe('generated histories', () => {
  test('the same seed gives the same records', () => {
    expect(generateHistory(7)).toEqual(generateHistory(7))
    expect(generateHistory(7)).not.toEqual(generateHistory(8))
  })

  test('most students end healthy with an answer, and some stay suspect', () => {
    const seen = { healthy: 0, suspect: 0, healed: 0, answers: 0, scheduled: 0, left: 0, incoherent: 0 }
    const outcomes = new Set<string>()
    const families = new Set<string>()
    for (const seed of SEEDS) {
      const world = modelOf(layOut(generateHistory(seed, { flood: 0.02, beyond: true }), 16, { lag: seed % 7 }), POLICY)
      for (const told of world.outcomes.values()) for (const one of told) outcomes.add(one)
      for (const letter of world.deadLetters) families.add(`${letter.reason}/${letter.detailFamily}`)
      for (const student of world.students.values()) {
        if (student.identifier.startsWith('nobody')) continue
        seen[student.suspect ? 'suspect' : 'healthy'] += 1
        const doubted = world.deadLetters.some(
          ({ identifier, settled }) => identifier === student.identifier && settled,
        )
        if (!student.suspect && doubted) seen.healed += 1
        for (const { answer } of student.enrolments) {
          const told = answer('2026-06-15')
          if (told === 'incoherent') seen.incoherent += 1
          else if (told.status === 422) seen.left += 1
          else seen[told.body.includes('payment_schedule') ? 'scheduled' : 'answers'] += 1
        }
      }
    }
    expect([...families].sort()).toEqual([
      'conflict/id_reused',
      'conflict/late_number',
      'conflict/number_reused',
      'conflict/overtaken',
      'conflict/replaced_source',
      'conflict/sequence_missing',
      'conflict/stale_snapshot',
      'conflict/too_old',
      'overflow/overflow',
      'poison/duplicate_key',
      'poison/envelope',
      'poison/invalid_data',
      'poison/not_active',
      'poison/transferred_away',
      'poison/undecodable',
      'poison/unknown_type',
    ])
    expect(seen.healthy).toBeGreaterThan(seen.suspect * 2)
    expect(seen.suspect).toBeGreaterThan(20)
    expect(seen.healed).toBeGreaterThan(20)
    expect(seen.answers).toBeGreaterThan(100)
    expect(seen.scheduled).toBeGreaterThan(100)
    expect([...outcomes].sort()).toEqual([
      'applied',
      'conflict',
      'duplicate',
      'held',
      'ignored',
      'misrouted',
      'orphan',
      'poison',
    ])
  })

  test('the sum of a schedule is the sum of the components', () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const world = modelOf(layOut(generateHistory(seed, { beyond: true }), 16), POLICY)
      for (const { enrolments } of world.students.values()) {
        for (const { answer } of enrolments) {
          const told = answer('2026-06-15')
          if (told === 'incoherent' || told.status !== 200) continue
          const { fee_components, payment_schedule } = (JSON.parse(told.body) as Body).data
          const due = fee_components.reduce((sum, fee) => sum + paise(fee.fee_amount), 0n)
          const planned = payment_schedule
            ?.flatMap((entry) => entry.details)
            .reduce((sum, detail) => sum + paise(detail.amount), 0n)
          expect(planned ?? due, `seed ${seed}`).toBe(due)
        }
      }
    }
  })

  test('the whole log delivered twice changes no answer of a healthy student', () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const published = generateHistory(seed, { misrouting: 0, steps: 8, beyond: true })
      const once = modelOf(layOut(published, 16), POLICY)
      const twice = modelOf(layOut([...published, ...published], 16), POLICY)
      for (const [identifier, student] of once.students) {
        const again = twice.students.get(identifier)
        if (student.suspect || again?.suspect) continue
        const answers = (view: typeof student | undefined) => view?.enrolments.map(({ answer }) => answer('2026-06-15'))
        expect(answers(again), `seed ${seed}, ${identifier}`).toEqual(answers(student))
      }
    }
  })
})
