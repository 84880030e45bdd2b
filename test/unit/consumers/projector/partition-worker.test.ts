import { describe, expect, test } from 'vitest'
import type { NewRecord } from '../../../../consumers/ports/log.ts'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import type { ProjectionWriter } from '../../../../consumers/ports/store.ts'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import type { ProjectorObserver } from '../../../../consumers/projector/observer.ts'
import { partitionWorker } from '../../../../consumers/projector/partition-worker.ts'
import type { WorkerDeps } from '../../../../consumers/projector/worker-deps.ts'
import { digestOf, type Original } from '../../../../consumers/rerouting/originals.ts'
import { decodeRecord } from '../../../../consumers/stored/record.ts'
import type { DeadLetter } from '../../../../projections/sequence/incoming-record.ts'
import { calendarOf } from '../../../../projections/values/calendar.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { publisher } from '../../../support/school.ts'

const TOPIC = 'events'
const school = publisher(TOPIC, 1)
const PROFILE = {
  fullname: 'A Student',
  new_admission: false,
  primary_contact_name: 'Parent',
  primary_contact_number: '9800000000',
  primary_contact_email: 'parent@example.edu',
}
/** What lies at any place that a copy names. */
let original: Original | null = null
const silent = new Proxy({}, { get: () => () => {} }) as ProjectorObserver
const telling = (rewound: ProjectorObserver['rewound']) =>
  new Proxy({}, { get: (_, name) => (name === 'rewound' ? rewound : () => {}) }) as ProjectorObserver

const bench = async (observer = silent, change: (store: ProjectionWriter) => ProjectionWriter = (same) => same) => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 1))
  const store = memoryStore(1)
  await store.admin.activate(null, await store.admin.newGeneration())
  const letters: DeadLetter[] = []
  const deps: WorkerDeps = {
    log,
    store: change(store.writer),
    deadLetters: { write: async (written) => void letters.push(...written) },
    topic: TOPIC,
    partitions: 1,
    generation: async () => 1,
    signature: 'test',
    rendering: {
      policy: { balance_basis: 'payable', paid_instalments: 'zero' },
      calendar: calendarOf('Asia/Kolkata'),
    },
    partitionOf: (id) => partitionOf(id, 1),
    reroutedAlready: async () => false,
    readOriginal: async () => original,
    observer,
    clock: Date.now,
  }
  const worker = async () => {
    const made = partitionWorker(0, deps)
    await made.start()
    return made
  }
  const append = async (...records: NewRecord[]): Promise<void> => {
    await log.append(records)
  }
  const batch = async (from: number) => (await log.read(TOPIC, 0, from, { waitMs: 0 }))!
  const body = async (id: string): Promise<string> => {
    const [record] = await store.writer.load(1, 0, [id as StudentId])
    return String(decodeRecord(record!).enrolments[0]?.now.body)
  }
  return { store, worker, append, batch, body, letters }
}

describe('a partition worker', () => {
  test('whose write was refused goes on from what another has written', async () => {
    const { worker, append, batch, body } = await bench()
    const paused = await worker()
    await append(school.enrolled('S-1'), school.assessed('S-1', 100))
    await paused.batch(await batch(0))

    const other = await worker()
    await append(school.event('S-1', 'erp.fee.changed.v1', { component_type: 'LAB', amount: 7 }))
    await other.batch(await batch(2))

    expect(await paused.batch(await batch(2))).toEqual({ kind: 'seek', to: 3 })
    await append(school.event('S-1', 'erp.fee.changed.v1', { component_type: 'BUS', amount: 9 }))
    await paused.batch(await batch(3))
    expect(await body('S-1')).toContain('{"component_type":"LAB","fee_amount":7}')
    expect(await body('S-1')).toContain('{"component_type":"BUS","fee_amount":9}')
  })

  test('writes no dead letter for what it judged by writes that the store has lost', async () => {
    const { store, worker, append, batch, letters } = await bench()
    const say = (type: string, data: object) => school.event('S-3', type, data, { sequence: undefined })
    const first = await worker()
    await append(say('erp.student.enrolled.v1', PROFILE), say('erp.student.discontinued.v1', {}))
    await first.batch(await batch(0))
    const old = store.snapshot()
    await append(say('erp.student.reinstated.v1', {}))
    await first.batch(await batch(2))

    const next = await worker()
    store.restore(old)
    await append(say('erp.student.transferred.v1', { to: { grade: '6' } }))
    expect(await next.batch(await batch(3))).toEqual({ kind: 'seek', to: 2 })
    expect(letters).toEqual([])
    await next.batch(await batch(2))
    expect(letters).toEqual([])
  })

  test('tells once that the store lost writes, whether a write or a look at an idle partition shows it', async () => {
    const rewinds: number[] = []
    const { store, worker, append, batch } = await bench(telling((_, to) => void rewinds.push(to)))
    const one = await worker()
    await append(school.enrolled('S-5'), school.assessed('S-5', 100))
    await one.batch(await batch(0))
    const old = store.snapshot()
    await append(school.feeChanged('S-5', 200))
    await one.batch(await batch(2))
    expect(rewinds).toEqual([])

    store.restore(old)
    expect(await one.start()).toBe(2)
    expect(rewinds).toEqual([2])
    await one.batch(await batch(2))

    store.restore(old)
    await append(school.feeChanged('S-5', 300))
    expect(await one.batch(await batch(3))).toEqual({ kind: 'seek', to: 2 })
    expect(rewinds).toEqual([2, 2])
    await one.batch(await batch(2))

    store.wipe()
    expect(await one.start()).toBe(0)
    expect(rewinds).toEqual([2, 2, 0])
  })

  test.each([
    ['no key', null],
    ['the key of another student', Buffer.from('S-7')],
    ['a key that is no text', Buffer.from([0xff, 0xfe])],
  ])('builds on what is stored of a student whose record bears %s', async (_, key) => {
    const { worker, append, batch, body } = await bench()
    const own = publisher(TOPIC, 1)
    const one = await worker()
    await append(own.enrolled('S-6'), own.assessed('S-6', 100), own.enrolled('S-7'))
    await one.batch(await batch(0))
    const change = own.event('S-6', 'erp.fee.changed.v1', { component_type: 'LAB', amount: 7 })
    await append({ ...change, key })
    await one.batch(await batch(3))
    expect(await body('S-6')).toMatch(/"fee_amount":100\}.*\{"component_type":"LAB","fee_amount":7\}/)
  })

  test('knows the publisher of a moved record as one that misroutes, without the partition that it was moved from', async () => {
    const { store, worker, append, batch } = await bench()
    const moved = school.enrolled('S-4')
    const one = await worker()
    original = { student: 'S-4' as StudentId, digest: digestOf(moved) }
    await append({ ...moved, headers: [['pullgate-rerouted-from', Buffer.from(`${TOPIC}/3/0`)]] })
    await one.batch(await batch(0))
    expect(await store.reader.misroutingSources()).toEqual(new Set(['/erp/test']))
  })

  test('writes less at once to a store that is too slow for it, gets through, and writes more again', async () => {
    const sizes: number[] = []
    let most = 3
    const { worker, append, batch, body } = await bench(silent, (store) => ({
      ...store,
      apply: async (write) => {
        sizes.push(write.records.size)
        if (write.records.size > most) throw new Error('no reply in time')
        return store.apply(write)
      },
    }))
    const ids = Array.from({ length: 40 }, (_, index) => `S-${index}`)
    await append(...ids.map((id) => school.enrolled(id)))
    const one = await worker()
    let from = 0
    for (let tries = 0; from < 40 && tries < 60; tries += 1) {
      await one.batch(await batch(from)).catch(() => {})
      from = one.latest()?.next ?? from
    }
    expect(from).toBe(40)
    expect(await body('S-39')).toBeDefined()
    most = 1000
    await append(...ids.map((id) => school.feeChanged(id, 5)))
    sizes.length = 0
    await one.batch(await batch(40))
    expect(Math.max(...sizes)).toBeGreaterThan(3)
  })

  test('writes in pieces what would be too many bytes for one write', async () => {
    const bytes: number[] = []
    const { worker, append, batch } = await bench(silent, (store) => ({
      ...store,
      apply: (write) => {
        bytes.push([...write.records.values()].reduce((sum, record) => sum + record.length, 0))
        return store.apply(write)
      },
    }))
    const long = 'x'.repeat(500)
    const many = Array.from({ length: 900 }, (_, index) => school.enrolled(`S-${index}`))
    const fees = Array.from({ length: 12 }, (_, at) => ({ component_type: `${at}${long}`.slice(0, 128), amount: 1 }))
    const assessed = many.map((_, index) =>
      school.event(`S-${index}`, 'erp.fees.assessed.v1', { fee_components: fees }),
    )
    await append(...many, ...assessed)
    const one = await worker()
    for (let from = 0; from < 1800; from = one.latest()!.next) await one.batch(await batch(from))
    expect(Math.max(...bytes)).toBeLessThanOrEqual(4 * 1024 * 1024)
  })

  test('writes between two large records, so that other work gets its turn', async () => {
    const nexts: number[] = []
    const { worker, append, batch } = await bench(silent, (store) => ({
      ...store,
      apply: (write) => {
        nexts.push(write.checkpoint.next)
        return store.apply(write)
      },
    }))
    const large = (id: string) => school.event(id, 'erp.student.reinstated.v1', { note: 'x'.repeat(200_000) })
    await append(school.enrolled('S-1'), school.enrolled('S-2'), large('S-1'), large('S-2'), school.enrolled('S-3'))
    const one = await worker()
    for (let from = 0; from < 5; from = one.latest()!.next) await one.batch(await batch(from))
    expect(nexts).toEqual(expect.arrayContaining([3, 4, 5]))
  })

  test('writes nothing that it folded on records of another checkpoint', async () => {
    const shift = { by: 0 }
    let applied = 0
    const { worker, append, batch } = await bench(silent, (store) => ({
      ...store,
      loadAt: async (...asked) => {
        const found = await store.loadAt(...asked)
        return { ...found, next: found.next === null ? null : found.next + shift.by }
      },
      apply: (write) => {
        applied += 1
        return store.apply(write)
      },
    }))
    const one = await worker()
    await append(school.enrolled('S-1'))
    const before = applied
    shift.by = -1
    expect(await one.batch(await batch(0))).toEqual({ kind: 'seek', to: 0 })
    expect(applied).toBe(before)
    shift.by = 0
    expect(await one.batch(await batch(0))).toEqual({ kind: 'next' })
  })

  test('measures no visible time of records that bear a time of long ago', async () => {
    const seconds: number[] = []
    const observer = new Proxy(
      {},
      { get: (_, name) => (name === 'visible' ? (value: number) => seconds.push(value) : () => {}) },
    ) as ProjectorObserver
    const { worker, append, batch } = await bench(observer)
    await append({ ...school.enrolled('S-1'), timestampMs: 0 }, { ...school.enrolled('S-2'), timestampMs: Date.now() })
    await (await worker()).batch(await batch(0))
    expect(seconds).toHaveLength(1)
  })
})
