import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import { keyedHash } from '../../src/answers/keyed-hash.ts'
import type { Ended, Running } from '../support/program.ts'
import {
  RECORDING_KEY,
  RECORDING_PARTITIONS,
  type RecordingSchool,
  schoolOnFile,
  schoolOnKafka,
} from '../support/recording-school.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

type Row = {
  readonly identifier: string
  readonly collector_code: string | null
  readonly at: string
  readonly client: string
  readonly request_id: string
  readonly told: { readonly status: number; readonly payable?: number }
  readonly change: string
  readonly event: {
    readonly at: string
    readonly type: string
    readonly id: string
    readonly undone_by?: { readonly type: string }
  }
  readonly now: { readonly status: number; readonly payable?: number } | null
}

describe.each([
  ['Kafka and Redis', schoolOnKafka],
  ['one file', schoolOnFile],
])('the commands about answers, on %s', { timeout: 240_000 }, (name, open) => {
  let school: RecordingSchool
  let running: Running
  let pupil: ReturnType<typeof publisher>

  const run = (...args: string[]): Promise<Ended> => school.program.run(args)
  const rowsOf = (ended: Ended): readonly Row[] => JSON.parse(ended.stdout)
  const answered = async (query: Record<string, string>, requestId: string, status = 200): Promise<void> => {
    const headers = { 'X-Request-Id': requestId }
    await until(
      `the answer ${requestId}`,
      async () => (await school.pull(running.url, query, headers)).status === status,
    )
  }
  const payment = (identifier: string, id: string, rupees: number): NewRecord => pupil.paid(identifier, id, rupees)

  beforeAll(async () => {
    school = await open()
    running = await school.program.start('all')
    pupil = publisher(school.topic, RECORDING_PARTITIONS)
    const ids = ['paid', 'raised', 'left', 'back', 'undone', 'same', 'early', 'gone']
    await school.publish(ids.flatMap((id) => [pupil.enrolled(id), pupil.assessed(id, 1000)]))
    await school.publish([pupil.event('back', 'erp.student.discontinued.v1', {}), payment('early', 'p-0', 100)])
    await until('it answers', async () => (await school.pull(running.url, { identifier: 'warm-up' })).status === 422)
    for (const id of ids) await answered({ identifier: id }, `about-${id}`, id === 'back' ? 422 : 200)
    await answered({ identifier: 'paid', collector_code: 'BLR-01' }, 'paid-again')
    await until('all answers to be recorded', async () => (await school.recorded()).length >= ids.length + 2)
    await school.publish([
      payment('paid', 'p-1', 400),
      payment('paid', 'p-2', 100),
      pupil.feeChanged('raised', 1200.5),
      pupil.event('left', 'erp.student.discontinued.v1', { message: 'gone to another town' }),
      pupil.event('back', 'erp.student.reinstated.v1', {}),
      payment('undone', 'p-1', 300),
      pupil.event('undone', 'erp.payment.reversed.v1', { payment_id: 'p-1' }),
      pupil.event('same', 'erp.student.updated.v1', { fullname: 'Another Name' }),
      { ...pupil.event('gone', 'erp.student.erased.v1', { student: { identifier: 'gone' } }) },
    ])
  })
  afterAll(() => school.close())

  it('"answers superseded" lists what an event has changed, each answer once, with the event that did it', async () => {
    const ended = await run('answers', 'superseded', '--json')
    expect(ended.stderr).not.toContain('not complete')
    expect(ended.code).toBe(0)
    const rows = rowsOf(ended)
    for (const row of rows)
      expect(Object.keys(row)).toEqual([
        'identifier',
        'collector_code',
        'at',
        'client',
        'request_id',
        'told',
        'change',
        'event',
        'now',
      ])
    const told = rows
      .filter(({ request_id: id }) => /^about-|^paid-again/.test(id))
      .map((row) => [
        row.request_id,
        row.change,
        row.told.payable ?? row.told.status,
        row.now?.payable ?? row.now?.status,
      ])
    expect(told.sort()).toEqual(
      [
        ['about-paid', 'lower', 1000, 500],
        ['paid-again', 'lower', 1000, 500],
        ['about-raised', 'higher', 1000, 1200.5],
        ['about-left', 'left', 1000, 422],
        ['about-back', 'returned', 422, 1000],
        ['about-undone', 'lower', 1000, 1000],
        ['about-gone', 'left', 1000, 422],
      ].sort(),
    )
    const of = (requestId: string): Row => rows.find((row) => row.request_id === requestId)!
    expect(of('about-paid')).toMatchObject({
      identifier: 'paid',
      collector_code: 'BLR-01',
      client: 'partner',
      told: { status: 200, payable: 1000 },
      event: { type: 'erp.payment.recorded.v1', id: 'paid-3' },
    })
    expect(of('about-undone').event.undone_by).toMatchObject({ type: 'erp.payment.reversed.v1' })
    expect(of('about-paid').event).not.toHaveProperty('undone_by')
    expect(ended.stderr).toMatch(/3 of them lower, 1 undone again/)
  })

  it('"answers superseded" writes for people and for spreadsheets, of one branch or since a moment', async () => {
    const text = await run('answers', 'superseded')
    expect(text.stdout).toContain('paid  BLR-01  lower: told 1000, now 500 (-500)')
    expect(text.stdout).toContain('undone  BLR-01  lower, undone: told 1000, now 1000')
    const csv = await run('answers', 'superseded', '--csv', '--branch', 'BLR-01')
    const [head, ...lines] = csv.stdout.trimEnd().split('\n')
    expect(head).toBe(
      'identifier,collector_code,at,client,request_id,change,told,now,difference,event,event_id,event_source,event_time,event_at,undone_by',
    )
    expect(lines.find((line) => line.includes('about-paid'))).toMatch(
      /^paid,BLR-01,[^,]+,partner,about-paid,lower,1000,500,-500,erp\.payment\.recorded\.v1,paid-3,\/erp\/test,/,
    )
    expect(rowsOf(await run('answers', 'superseded', '--json', '--branch', 'MYS-02'))).toEqual([])
    const later = new Date(Date.now() + 60_000).toISOString()
    expect(rowsOf(await run('answers', 'superseded', '--json', '--since', later))).toEqual([])
    expect((await run('answers', 'superseded', '--since', 'yesterday')).code).toBe(2)
  })

  it('"answers IDENTIFIER" tells answers and events in the order of the log', async () => {
    const ended = await run('answers', 'paid', '--json')
    expect(ended.code).toBe(0)
    const entries = JSON.parse(ended.stdout) as {
      kind: string
      type?: string
      request_id?: string
      superseded?: unknown
    }[]
    expect(entries.map(({ kind, type, request_id: id }) => (kind === 'event' ? type : id))).toEqual([
      'erp.student.enrolled.v1',
      'erp.fees.assessed.v1',
      'about-paid',
      'paid-again',
      'erp.payment.recorded.v1',
      'erp.payment.recorded.v1',
    ])
    expect(entries[2]).toMatchObject({
      status: 200,
      payable: 1000,
      superseded: { change: 'lower', now: { payable: 500 } },
    })
    const text = (await run('answers', 'paid')).stdout
    expect(text).toMatch(/ANSWER 200 owes 1000 of BLR-01 · grade 5 · 2026/)
    expect(text.indexOf('ANSWER')).toBeLessThan(text.indexOf('erp.payment.recorded.v1'))
    expect((await run('answers', 'paid', '--csv')).stdout.split('\n')[3]).toMatch(
      /^answer,[^,]+,partner,about-paid,200,1000,/,
    )
  })

  it('"answers IDENTIFIER --body" makes the bytes anew and finds them the same', async () => {
    const sent = await (await school.pull(running.url, { identifier: 'left' }, { 'X-Request-Id': 'after' })).text()
    await until('it to be recorded', async () =>
      (await school.recorded()).some(({ value }) => Buffer.from(value!).includes('"after"')),
    )
    const ended = await run('answers', 'of', 'left', '--body', '--json')
    expect(ended.code).toBe(0)
    const bodies = (
      JSON.parse(ended.stdout) as { request_id?: string; body?: { verdict: string; text: string } }[]
    ).filter(({ body }) => body)
    expect(bodies.map(({ body }) => body?.verdict)).toEqual(['same', 'same'])
    expect(bodies[1]?.body?.text).toBe(sent)
    expect((await run('answers', 'warm-up', '--body', '--json')).stdout).toContain('"verdict":"same"')
  })

  it('shows nothing of what an erasure has forgotten', async () => {
    for (const args of [
      ['answers', 'gone', '--body'],
      ['answers', 'gone', '--body', '--json'],
      ['answers', 'superseded'],
    ]) {
      const { stdout, stderr } = await run(...args)
      for (const secret of ['Student gone', 'Parent', '9800000000', 'parent@example.edu'])
        expect(stdout + stderr).not.toContain(secret)
    }
    expect((await run('answers', 'gone', '--body')).stdout).toContain('the student was erased since')
  })

  it('finds bytes that are not what was sent, and says why', async () => {
    const hashed = keyedHash(RECORDING_KEY)
    const [record] = (await school.recorded()).filter(({ key }) => Buffer.from(key!).toString() === hashed('same'))
    const value = Buffer.from(
      Buffer.from(record!.value!)
        .toString()
        .replace(/"body_sha256":"."?/, '"body_sha256":"0')
        .replace('about-same', 'forged'),
    )
    await school.log.append([
      { topic: answersName(school.topic), partition: record!.partition, key: record!.key, value, headers: [] },
    ])
    const ended = await run('answers', 'same', '--body')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toContain('NOT those that were sent: the log says something else of that moment')
    expect(ended.stderr).toContain('1 answer: the bytes made anew are not those that were sent.')
  })

  it.runIf(name === 'Kafka and Redis')(
    'does not look complete while the store cannot name killed gateways',
    async () => {
      const away = { REDIS_URL: 'redis://127.0.0.1:1' }
      const ended = await school.program.run(['answers', 'superseded', '--json'], '', away)
      expect(rowsOf(ended).length).toBeGreaterThan(5)
      expect(ended.stderr).toMatch(/does not answer: a gateway may have ended.*\n(.*\n)*This list is not complete\.\n$/)
      expect(ended.code).toBe(1)
    },
  )

  it('says that nothing is known of a student', async () => {
    const ended = await run('answers', 'nobody', '--json')
    expect(ended).toMatchObject({ code: 1, stdout: '[]\n' })
  })
})
