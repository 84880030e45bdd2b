import { describe, expect, test } from 'vitest'
import { exportLines } from '../../consumers/history/export.ts'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { readEventLine } from '../../src/cli/events/event-line.ts'
import { publication } from '../../src/cli/events/publication.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { foldLog } from '../support/fold-log.ts'

const TOPIC = 'erp.student-events'
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const SECRET = 'A-name-that-must-go'

const student = (identifier: string) => ({
  identifier,
  grade: '5',
  academic_year_start: '2026',
  academic_year_end: '2027',
})
const profile = (fullname: string) => ({
  fullname,
  new_admission: true,
  primary_contact_name: fullname,
  primary_contact_number: '9000000000',
  primary_contact_email: '',
})

let minute = 0
/** One after the other in time. */
const event = (type: string, source: string, sequence: number | null, data: object): Buffer => {
  minute += 1
  const time = new Date(Date.UTC(2026, 5, 1, 9, minute)).toISOString()
  const id = `${source}-${sequence ?? 'none'}-${minute}`
  const numbered = sequence === null ? {} : { sequence: String(sequence) }
  return Buffer.from(JSON.stringify({ specversion: '1.0', id, source, type, time, ...numbered, data }))
}
const enrolled = (id: string, source: string, sequence: number, name = SECRET): Buffer =>
  event('erp.student.enrolled.v1', source, sequence, { student: student(id), ...profile(name) })
const assessed = (id: string, source: string, sequence: number | null, amount: string): Buffer =>
  event('erp.fees.assessed.v1', source, sequence, {
    student: student(id),
    fee_components: [{ component_type: 'TUITION', amount }],
    note: SECRET,
  })
const erased = (id: string, source: string, sequence: number | null): Buffer =>
  event('erp.student.erased.v1', source, sequence, { student: { identifier: id } })
const broken = (id: string, source: string, sequence: number): Buffer =>
  event('erp.fee.lost.v1', source, sequence, { student: student(id), note: SECRET })

/** The same log with and without what is forgotten, folded. */
const forget = async (events: readonly (readonly [id: string, value: Buffer])[]) => {
  const offsets = new Map<number, number>()
  const [old, fresh] = [memoryLog(), memoryLog()]
  await old.ensureTopics(topicSpecs(TOPIC, 4))
  await fresh.ensureTopics(topicSpecs(TOPIC, 3))
  for (const [id, value] of events) {
    const partition = partitionOf(id, 4)
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    const record: LogRecord = {
      partition,
      offset,
      timestampMs: Date.UTC(2026, 6, 1) + minute,
      key: Buffer.from(id),
      value,
      headers: [],
    }
    await old.append([{ topic: TOPIC, ...record }])
  }
  const lines: string[] = []
  const deps = { log: old, topic: TOPIC, partitions: 4, forgetErased: true, onProgress: () => {} }
  for await (const line of exportLines({ ...deps, partitionOf: (id) => partitionOf(id, 4) })) lines.push(line)
  const publishing = publication(fresh, TOPIC, new Set())
  for (const [index, line] of lines.entries()) {
    const read = readEventLine({ file: 'export', number: index + 1, bytes: Buffer.from(line) }, 3)
    if (read.kind === 'bad') throw new Error(line)
    await publishing.add(read)
  }
  await publishing.flush()
  const [before, after] = [
    await foldLog(old, TOPIC, 4, POLICY, 'Asia/Kolkata'),
    await foldLog(fresh, TOPIC, 3, POLICY, 'Asia/Kolkata'),
  ]
  return { lines, before, after, all: lines.join('\n') }
}
const said = (records: ReadonlyMap<string, Buffer>, id: string) => {
  const { suspect, enrolments } = decodeRecord(records.get(id as StudentId)!)
  const bodies = enrolments.map(({ now }) => now.body?.toString())
  return { suspect, bodies }
}

describe('an export that forgets erased students', () => {
  test('leaves out everything of such a student but the erasure', async () => {
    const { lines, all, before, after } = await forget([
      ['S-1', enrolled('S-1', '/erp/a', 1)],
      ['S-1', assessed('S-1', '/erp/a', 2, '100')],
      ['S-1', broken('S-1', '/erp/b', 1)],
      ['S-1', erased('S-1', '/erp/a', 3)],
      ['S-1', assessed('S-1', '/erp/b', 2, '200')],
    ])
    expect(all).not.toContain(SECRET)
    expect(lines.filter((line) => line.includes('erp.student.erased.v1'))).toHaveLength(lines.length)
    expect(said(after, 'S-1')).toEqual(said(before, 'S-1'))
  })

  test('changes nothing for everybody else', async () => {
    const { all, before, after } = await forget([
      ['S-1', enrolled('S-1', '/erp/a', 1)],
      ['S-2', enrolled('S-2', '/erp/a', 1, 'Somebody')],
      ['S-2', assessed('S-2', '/erp/a', 2, '300')],
      ['S-3', enrolled('S-3', '/erp/a', 1, 'Waits')],
      ['S-3', assessed('S-3', '/erp/a', 3, '300')],
      ['S-1', erased('S-1', '/erp/a', 2)],
    ])
    expect(all).toContain('Somebody')
    for (const id of ['S-2', 'S-3']) expect(said(after, id)).toEqual(said(before, id))
    expect(said(after, 'S-3').suspect).toBe(true)
  })

  test('keeps a student who was enrolled anew, with the numbers of every source', async () => {
    const { all, before, after } = await forget([
      ['S-1', enrolled('S-1', '/erp/a', 1)],
      ['S-1', assessed('S-1', '/erp/b', 1, '100')],
      ['S-1', erased('S-1', '/erp/a', 2)],
      ['S-1', assessed('S-1', '/erp/b', 2, '150')],
      ['S-1', enrolled('S-1', '/erp/a', 3, 'Again')],
      ['S-1', assessed('S-1', '/erp/b', 3, '400')],
    ])
    expect(all).toContain('Again')
    expect(said(before, 'S-1').suspect).toBe(false)
    expect(said(after, 'S-1')).toEqual(said(before, 'S-1'))
  })

  test('keeps what the erasing source has sent ahead, and what waits for it', async () => {
    const { before, after } = await forget([
      ['S-1', enrolled('S-1', '/erp/a', 1)],
      ['S-1', enrolled('S-1', '/erp/a', 3, 'Again')],
      ['S-1', assessed('S-1', '/erp/a', 4, '500')],
      ['S-1', erased('S-1', '/erp/a', 2)],
    ])
    expect(said(before, 'S-1')).toMatchObject({ suspect: false, bodies: [expect.stringContaining('500')] })
    expect(said(after, 'S-1')).toEqual(said(before, 'S-1'))
  })

  test('takes the last of several erasures, and one without a number', async () => {
    const { all, before, after } = await forget([
      ['S-1', enrolled('S-1', '/erp/a', 1)],
      ['S-1', erased('S-1', '/erp/a', 2)],
      ['S-1', enrolled('S-1', '/erp/a', 3)],
      ['S-1', erased('S-1', '/erp/c', null)],
      ['S-1', enrolled('S-1', '/erp/a', 4, 'Again')],
    ])
    expect(all).not.toContain(SECRET)
    expect(said(before, 'S-1').suspect).toBe(false)
    expect(said(after, 'S-1')).toEqual(said(before, 'S-1'))
  })

  test('leaves out a record whose student cannot be told: it may be about anybody', async () => {
    const { lines } = await forget([
      ['', Buffer.from(`{"broken": "${SECRET}`)],
      ['S-2', enrolled('S-2', '/erp/a', 1, 'Somebody')],
    ])
    expect(lines).toHaveLength(1)
  })
})
