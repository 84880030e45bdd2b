import type { Envelope, Said } from '../golden/example.ts'
import { as } from '../golden/said.ts'
import { modelOf, type World } from './model.ts'
import type { Decision, LogRecord, Policy } from './types.ts'

export const POLICY: Policy = { balance_basis: 'outstanding', paid_instalments: 'omit', timezone: 'Asia/Kolkata' }
export const DAY = '2026-06-15'

type Entry = Said | Buffer | Omit<Decision, 'identifier'>

/** Later than every `time` that a test gives, unless it is about that. */
const PUBLISHED = Date.parse('2026-07-01T00:00:00Z')

/** One partition, one record after the other. Bytes lie under the key S-1. */
export const logOf = (entries: readonly Entry[]): LogRecord[] =>
  entries.map((entry, offset) => {
    const at = { partition: 0, offset, timestampMs: PUBLISHED + offset, key: Buffer.from('S-1'), headers: [] }
    if (Buffer.isBuffer(entry)) return { ...at, value: entry }
    if ('kind' in entry) return { ...at, value: null, decision: { ...entry, identifier: 'S-1' } }
    const time = `2026-06-01T09:${String(offset % 60).padStart(2, '0')}:00Z`
    const event: Envelope = { specversion: '1.0', id: `e${offset}`, source: '/a', time, ...entry }
    return { ...at, value: Buffer.from(JSON.stringify(event)) }
  })

export const worldOf = (...entries: Entry[]): World => modelOf(logOf(entries), POLICY, { partitions: 1 })
export const nth = (sequence: number | string, said: Said, attributes: Partial<Said> = {}) =>
  as(said, { sequence, ...attributes })
export const studentOf = (world: World) => world.students.get('S-1')!
export const feesOf = (world: World, place = 0): unknown => {
  const answer = studentOf(world).enrolments[place]!.answer(DAY)
  if (answer === 'incoherent' || answer.status !== 200) return answer
  const { fee_components } = JSON.parse(answer.body).data as {
    fee_components: { component_type: string; fee_amount: number }[]
  }
  return Object.fromEntries(fee_components.map((fee) => [fee.component_type, fee.fee_amount]))
}
export const outcomes = (world: World) => [...world.outcomes.values()].map((told) => told.join('+'))
export const decision = (kind: 'replay' | 'discard', offset: number, force = false, letGo: Decision['letGo'] = []) => ({
  kind,
  force,
  letters: [{ partition: 0, offset }],
  letGo,
})
/** What `student settle` decides: the waiting records at these offsets, and numbers of the source `/a`. */
export const settle = (offsets: readonly number[], ...numbers: (readonly [from: bigint, to: bigint])[]) => ({
  kind: 'settle' as const,
  force: false,
  letters: [],
  waiting: offsets.map((offset) => ({ partition: 0, offset })),
  letGo: numbers.map(([from, to]) => ({ source: '/a', from, to })),
})
export const families = (world: World) => world.deadLetters.map((letter) => letter.detailFamily)
