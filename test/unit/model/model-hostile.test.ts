import { describe, expect, test } from 'vitest'
import { modelOf } from '../../model/model.ts'
import type { Policy } from '../../model/types.ts'
import { layOut } from '../../support/generate-log.ts'
import { hostileInputs } from '../../support/hostile.ts'
import { setUp } from '../../support/hostile-input.ts'

const POLICY: Policy = { balance_basis: 'net_of_direct', paid_instalments: 'omit', timezone: 'Asia/Kolkata' }

describe('the hostile corpus', () => {
  const inputs = hostileInputs()

  test('has at least three hundred inputs', () => {
    expect(inputs.length).toBeGreaterThanOrEqual(300)
  })

  test.for(inputs.map((input, index) => [`${index}: ${input.name}`, input] as const))('%s', ([, input]) => {
    const records = [...(input.student === null ? [] : setUp(input.student)), ...setUp('neighbour'), input]
    const log = layOut(
      records.map((record, index) => ({ ...record, partition: undefined, timestampMs: index })),
      1,
    )
    const world = modelOf(log, POLICY, { partitions: 1 })
    const outcome = world.outcomes.get(`0:${log.length - 1}`)?.[0]
    if (input.expect !== 'any') expect(outcome).toBe(input.expect)
    expect(world.students.get('neighbour')?.suspect).toBe(false)
    if (input.student !== null && (outcome === 'poison' || outcome === 'applied')) {
      expect(world.students.get(input.student)?.suspect).toBe(outcome === 'poison')
    }
    expect(world.students.size).toBe(input.student === null ? 1 : 2)
  })
})
