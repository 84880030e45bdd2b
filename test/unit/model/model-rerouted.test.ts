import { expect, test } from 'vitest'
import { changed, enrolled, paid } from '../../golden/said.ts'
import { modelOf } from '../../model/model.ts'
import { partitionOf } from '../../model/murmur2.ts'
import { families, feesOf, logOf, outcomes, POLICY } from '../../model/told.ts'
import type { LogRecord } from '../../model/types.ts'

const home = partitionOf('S-1', 16)
const TOPIC = { name: 't', id: 'ours' }

const at = (record: LogRecord, partition: number, offset: number): LogRecord => ({ ...record, partition, offset })
const moved = (record: LogRecord, offset: number, from: string, id?: string): LogRecord => ({
  ...at(record, home, offset),
  headers: [
    ['pullgate-rerouted-from', Buffer.from(from)],
    ...(id === undefined ? [] : [['pullgate-rerouted-topic', Buffer.from(id)] as const]),
  ],
})
const three = (...said: Parameters<typeof logOf>[0]) => logOf(said) as [LogRecord, LogRecord, LogRecord]
const [start, fee, payment] = three(enrolled(), changed('A', 100), paid('p', 10))

test.for([
  ['this topic’s id', 'ours'],
  ['no id', undefined],
] as const)('a misrouted original is skipped, and its copy with %s counts once', ([, id]) => {
  const from = `t/${home ^ 1}/0`
  const world = modelOf(
    [
      at(start, home, 0),
      at(fee, home, 1),
      at(payment, home ^ 1, 0),
      moved(payment, 2, from, id),
      moved(payment, 3, from, id),
    ],
    POLICY,
    TOPIC,
  )
  expect(outcomes(world)).toEqual(['applied', 'applied', 'misrouted', 'applied', 'duplicate'])
  expect(feesOf(world)).toEqual({ A: 90 })
})

test.for([
  ['another topic’s id', 'theirs'],
  ['no id, whose original is not in this log,', undefined],
] as const)('a header with %s says nothing', ([, id]) => {
  const [one, two] = [moved(payment, 2, 't/1/0', id), moved(fee, 3, 't/1/0', id)]
  const world = modelOf([at(start, home, 0), at(fee, home, 1), one, two], POLICY, TOPIC)
  expect(outcomes(world)).toEqual(['applied', 'applied', 'applied', 'duplicate'])
})

test('a copy without a number that was overtaken is a conflict', () => {
  const [first, early, late] = three(enrolled(), changed('A', 1), changed('A', 2))
  const log = [at(first, home, 0), at(late, home, 1), moved(early, 2, 't/1/0', 'ours')]
  const world = modelOf(log, POLICY, TOPIC)
  expect(outcomes(world)).toEqual(['applied', 'applied', 'conflict'])
  expect(families(world)).toEqual(['overtaken'])
  const foreign = modelOf([...log.slice(0, 2), moved(early, 2, 't/1/0', 'theirs')], POLICY, TOPIC)
  expect(outcomes(foreign)).toEqual(['applied', 'applied', 'applied'])
})
