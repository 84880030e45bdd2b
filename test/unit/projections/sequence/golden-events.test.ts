import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import type { LogRecord } from '../../../../consumers/ports/log.ts'
import { HEARTBEAT, RESOLVED } from '../../../../projections/events/event.ts'
import { PUBLISHED_TYPES } from '../../../../projections/events/json-schema.ts'
import { UPCASTS, type Upcast, upcast } from '../../../../projections/events/upcast.ts'
import { type GoldenEvent, goldenEvents, type Shaped, shapesOf } from '../../../golden/golden-event.ts'
import { recordOf } from '../../../support/events.ts'
import { tell } from '../../../support/tell.ts'

const golden = goldenEvents()
const bareOf = (event: object): LogRecord => recordOf(shapesOf(event).bare.value as Buffer)

const factOf = (record: LogRecord, upcasts = UPCASTS): unknown => {
  const decoded = decode(record, false, upcasts)
  const content = decoded.kind === 'student' ? decoded.content : null
  return content?.kind === 'event' ? JSON.parse(JSON.stringify(content.event.fact)) : null
}

const saidOf = (body: Buffer | null): unknown => body && JSON.parse(body.toString())
const foldedOf = ({ before }: GoldenEvent, last: Shaped): Pick<GoldenEvent, 'outcomes' | 'answers'> => {
  const told = tell(...before.map(bareOf), recordOf(last.value as Buffer | null, { headers: last.headers }))
  return {
    outcomes: told.outcomes,
    answers: told.answers.enrolments.map(({ collectorCode, grade, yearStart, now, later }) => ({
      of: [collectorCode, grade, yearStart],
      now: saidOf(now.body),
      ...(later && { later: { from: new Date(later.fromMs).toISOString(), answer: saidOf(later.phase.body) } }),
    })),
  }
}

test('there is a golden file of every type that is known, in its name', () => {
  const kept = golden.map(({ event }) => event.type)
  for (const type of [...PUBLISHED_TYPES, RESOLVED]) expect(kept).toContain(type)
  expect(golden.map(({ file }) => file)).toEqual(kept.map((type) => `${type}.json`))
})

describe.each(golden)('$event.type, as it was published first,', (one) => {
  test.each(['bare', 'structured', 'binary'] as const)('reads the same for ever in its %s shape', (shape) => {
    expect(factOf(recordOf(null, shapesOf(one.event)[shape]))).toEqual(one.fact)
  })

  test.each(['bare', 'structured', 'binary'] as const)('has the same effect for ever in its %s shape', (shape) => {
    const { outcomes, answers } = one
    expect(foldedOf(one, shapesOf(one.event)[shape])).toEqual({ outcomes, answers })
  })
})

describe('a version that is none of today’s', () => {
  /** As if `erp.fee.changed.v1` were the third that was made of it: renamed, and then in rupees instead of paise. */
  const steps: readonly Upcast[] = [
    {
      from: 'erp.fee.levied.v1',
      to: 'erp.fee.levied.v2',
      data: (data) => {
        const { head, ...rest } = data as { head: string }
        return { ...rest, component_type: head }
      },
    },
    {
      from: 'erp.fee.levied.v2',
      to: 'erp.fee.changed.v1',
      data: (data) => {
        const { paise, ...rest } = data as { paise: number }
        return { ...rest, amount: (paise / 100).toFixed(2) }
      },
    },
  ]
  const today = golden.find(({ event }) => event.type === 'erp.fee.changed.v1')!
  const { component_type, amount, ...rest } = today.event.data as { component_type: string; amount: string }
  const paise = Math.round(Number(amount) * 100)
  const second = { ...today.event, type: 'erp.fee.levied.v2', data: { ...rest, component_type, paise } }
  const first = { ...today.event, type: 'erp.fee.levied.v1', data: { ...rest, head: component_type, paise } }

  test('is read through every step up to the newest, in every shape', () => {
    for (const event of [first, second])
      for (const shape of Object.values(shapesOf(event)))
        expect(factOf(recordOf(null, shape), steps)).toEqual(today.fact)
  })

  test('is poison without its step', () => {
    expect(factOf(bareOf(first))).toBeNull()
    expect(decode(bareOf(first))).toMatchObject({ content: { detail: expect.stringMatching(/^unknown_type/) } })
  })

  test('that makes no sense is refused by the newest version’s own rules', () => {
    const senseless = { ...second, data: { ...second.data, paise: -1 } }
    expect(decode(bareOf(senseless), false, steps)).toMatchObject({
      content: { detail: 'invalid_data', where: expect.stringMatching(/^\/data\/amount/) },
    })
  })

  test('of today passes no step', () => {
    expect(upcast(today.event as { type: string; data: unknown }, steps)).toBe(today.event)
    expect(PUBLISHED_TYPES).toContain(HEARTBEAT)
  })
})
