import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Log as EventLog } from '../../../../consumers/ports/log.ts'
import { buildLog } from '../../../../src/logging.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { expiryOf, tellCertificates } from '../../../../src/metrics/certificates.ts'
import { measuredLog, measuredStore } from '../../../../src/metrics/measured.ts'
import { buildMetrics } from '../../../../src/metrics/metrics.ts'
import type { Role } from '../../../../src/metrics/spec.ts'
import { tellHeartbeats } from '../../../../src/roles/heartbeat-ages.ts'
import { projectorObserver } from '../../../../src/roles/projector-observer.ts'
import { detailsOf } from '../../../../src/roles/suspect-details.ts'
import { tellGenerations } from '../../../../src/roles/tell-generations.ts'

const quiet = buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false })
const build = (role: Role) =>
  buildMetrics([role], { version: '1', partitions: 2, eventTypes: [], heartbeatSources: ['/erp/a'], erps: [] })

/** The values of the series that begin so. */
const valueIn = async (metrics: ReturnType<typeof build>, series: string): Promise<string | undefined> =>
  (await metrics.render())
    .split('\n')
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1)

describe('the projector’s observer', () => {
  const age = 'pullgate_partition_fresh_age_seconds{partition="1"}'

  test('a partition’s proof grows older between the proofs, and without end when none come any more', async () => {
    let now = 10_000
    const metrics = build('projector')
    const observer = projectorObserver(metrics, quiet, [], () => now)
    expect(await valueIn(metrics, age)).toBe('+Inf')
    observer.fresh(1, 500)
    expect(await valueIn(metrics, age)).toBe('0.5')
    now += 60_000
    expect(await valueIn(metrics, age)).toBe('60.5')
  })

  test('a partition that another projector has taken over is no longer told about', async () => {
    const metrics = build('projector')
    const observer = projectorObserver(metrics, quiet, [], () => 0)
    observer.fresh(1, 0)
    observer.lag(1, 7)
    observer.suspects(0, 2)
    observer.suspects(1, 3)
    observer.logBroken(1, 'records are gone')
    expect(await valueIn(metrics, 'pullgate_students_suspect')).toBe('5')
    observer.revoked(1)
    expect(await valueIn(metrics, age)).toBe('+Inf')
    expect(await valueIn(metrics, 'pullgate_partition_lag{partition="1"}')).toBe('0')
    expect(await valueIn(metrics, 'pullgate_log_broken{partition="1"}')).toBe('0')
    expect(await valueIn(metrics, 'pullgate_students_suspect')).toBe('2')
  })
})

test('a dead letter names its publisher in the log, and in a label only if the configuration does', async () => {
  const lines: string[] = []
  const log = buildLog({ level: 'info', destination: { write: (line) => void lines.push(line) }, terminal: false })
  const metrics = build('projector')
  const observer = projectorObserver(metrics, log, ['/erp/a'], () => 0)
  const place = { partition: 3, offset: 1042 }
  const letter = { reason: 'poison', detail: 'bad_data', place, traceparent: null } as const
  for (const source of ['/erp/a', '/erp/a', '/erp/stranger', null]) observer.deadLetter({ ...letter, source })
  const series = (source: string) => valueIn(metrics, `pullgate_dead_letters_by_source_total{source="${source}"}`)
  expect(await Promise.all(['/erp/a', 'other', 'unknown', '/erp/stranger'].map(series))).toEqual([
    '2',
    '1',
    '1',
    undefined,
  ])
  expect(await valueIn(metrics, 'pullgate_dead_letters_total{reason="poison"}')).toBe('4')
  const told = lines.map((line) => JSON.parse(line))
  expect(told.map(({ source }) => source)).toEqual(['/erp/a', '/erp/a', '/erp/stranger', undefined])
  expect(told[0]).toMatchObject({ msg: 'dead letter', reason: 'poison', partition: 3, offset: 1042 })
})

test('a projector tells the active generation and the one under construction', async () => {
  let now = 0
  const store = memoryStore(1)
  const metrics = build('projector')
  tellGenerations(metrics, store.admin, () => now)
  const told = async () => {
    now += 5_000
    const names = ['pullgate_generation_active', 'pullgate_generation_building']
    return Promise.all(names.map((name) => valueIn(metrics, name)))
  }
  expect(await told()).toEqual(['0', '0'])
  const generation = await store.admin.beginBuild()
  expect(await told()).toEqual(['0', String(generation)])
  await store.admin.activate(null, generation)
  expect(await told()).toEqual([String(generation), '0'])
})

describe('heartbeats', () => {
  const branches = () => [{ collector_code: 'A', heartbeat: { source: '/erp/a', max_age_ms: 30_000 } }]
  const age = 'pullgate_publisher_heartbeat_age_seconds{source="/erp/a"}'

  test('grow older while the store does not answer', async () => {
    let now = 5_000
    let answers = true
    const metrics = build('gateway')
    const heartbeats = async () => {
      if (!answers) throw new Error('away')
      return new Map([['/erp/a', 4_000]])
    }
    tellHeartbeats(metrics, { heartbeats }, branches, () => now)
    expect(await valueIn(metrics, age)).toBe('1')
    expect(await valueIn(metrics, 'pullgate_publisher_heartbeat_limit_seconds{source="/erp/a"}')).toBe('30')
    answers = false
    now += 100_000
    expect(await valueIn(metrics, age)).toBe('101')
  })

  test('in the clock’s future count as now, and never seen as endless', async () => {
    const metrics = build('gateway')
    let seen = new Map<string, number>()
    tellHeartbeats(metrics, { heartbeats: async () => seen }, branches, () => 1_000)
    expect(await valueIn(metrics, age)).toBe('+Inf')
    seen = new Map([['/erp/a', 9_000]])
    expect(await valueIn(metrics, age)).toBe('0')
  })
})

test('open letters and what waits are counted, settled letters are not', () => {
  const letter = (settled: boolean) => ({ settled }) as Parameters<typeof detailsOf>[0][number]['letters'][number]
  const waits = (kind: 'held' | 'orphan') => ({ kind }) as Parameters<typeof detailsOf>[0][number]['waiting'][number]
  expect(
    detailsOf([
      { floods: [], letters: [letter(false), letter(true)], waiting: [waits('held'), waits('orphan')] },
      { floods: [], letters: [letter(false)], waiting: [waits('held')] },
    ]),
  ).toEqual({ openLetters: 2, held: 2, orphans: 1 })
})

describe('the health of log and store', () => {
  test('a look-up of the end is timed, and one that fails is counted and takes "up" away', async () => {
    const metrics = build('gateway')
    const real = memoryLog()
    await real.ensureTopics([{ name: 't', partitions: 1, settings: new Map() }])
    let fails = false
    const ends: EventLog['ends'] = (topic, partitions) =>
      fails ? Promise.reject(new Error('away')) : real.ends(topic, partitions)
    const log = measuredLog({ ...real, ends }, metrics)
    expect(await valueIn(metrics, 'pullgate_log_up')).toBe('0')
    expect((await log.ends('t', [0])).get(0)?.next).toBe(0)
    expect(await valueIn(metrics, 'pullgate_log_request_seconds_count')).toBe('1')
    expect(await valueIn(metrics, 'pullgate_log_up')).toBe('1')
    fails = true
    await expect(log.ends('t', [0])).rejects.toThrow('away')
    expect(await valueIn(metrics, 'pullgate_log_up')).toBe('0')
    expect(await valueIn(metrics, 'pullgate_log_failures_total{operation="end_offsets"}')).toBe('1')
  })

  test('an append that is not acknowledged is counted', async () => {
    const metrics = build('gateway')
    const log = measuredLog({ ...memoryLog(), append: () => Promise.reject(new Error('away')) }, metrics)
    await expect(log.append([])).rejects.toThrow('away')
    expect(await valueIn(metrics, 'pullgate_log_failures_total{operation="append"}')).toBe('1')
  })

  test('the store is told of by what a pull asks', async () => {
    const metrics = build('gateway')
    const store = measuredStore(memoryStore(1), metrics)
    await store.reader.heartbeats()
    expect(await valueIn(metrics, 'pullgate_store_up')).toBe('1')
    expect(await valueIn(metrics, 'pullgate_store_request_seconds_count')).toBe('1')
  })
})

describe('certificates', () => {
  /** Made for this test; whether they are still good does not matter. */
  const soon = `-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUZ7MYl61960Hduq4YTLE5Ws3kck0wCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAeFw0yNjExMjUwMTQ5MDVaFw0yNzAzMDUwMTQ5MDVaMAwx
CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT2BwVgxYhApuoB
tJIvsK0vx19ntTozj70U+xdFY+Yvti56ifRTVKkQExkCRUkMnPdowXyTOR1W6Yp4
/K4pphxLo1MwUTAdBgNVHQ4EFgQUsoVFS6oVIqyAmVqP3e9MEu0ripQwHwYDVR0j
BBgwFoAUsoVFS6oVIqyAmVqP3e9MEu0ripQwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNIADBFAiA2zUcWplUfXRjskJYaN5iiBlfsI/fSRv0jXj/rdiOg2gIh
AOvRYhAl3C9i5LxOmrG8XOw7Idi8qkvPa/RotFdjds4s
-----END CERTIFICATE-----
`
  const late = `-----BEGIN CERTIFICATE-----
MIIBbDCCAROgAwIBAgIUFMscO//CODmN0WGPaUeCQv7BgiMwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAeFw0yNjExMjUwMTQ5MDVaFw0zNjExMjIwMTQ5MDVaMAwx
CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQyoXe+GI14wqbf
/TTE2/XBg5HEoHhNxe0ZjHNNVLMrD8nZzk1NlzMoxiOgBqn4+c29QXVQCFITdbuO
lvK8NBWjo1MwUTAdBgNVHQ4EFgQU45NEtHFbOlYsGnxwP4ecSFuFt5kwHwYDVR0j
BBgwFoAU45NEtHFbOlYsGnxwP4ecSFuFt5kwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNHADBEAiA0yUM5U0SVcvVII6GCoYwMFo8M2AJLI4ImVXBxTP98rgIg
dSQ3bLxm1225EHfUT5KqCwvXZQ+JMmiEO2LyHkU1Z8g=
-----END CERTIFICATE-----
`

  test('the first to end of several is told, and nothing of what cannot be read', async () => {
    expect(expiryOf(late)).toBe(2110931345)
    expect(expiryOf(`${late}${soon}`)).toBe(1804211345)
    expect(expiryOf('not a certificate')).toBeNull()
    const metrics = build('gateway')
    const folder = mkdtempSync(join(tmpdir(), 'pullgate-expiries-'))
    const [ca, cert] = [join(folder, 'ca'), join(folder, 'cert')]
    writeFileSync(ca, late)
    writeFileSync(cert, 'x')
    tellCertificates(metrics, { ca, cert })
    const text = await metrics.render()
    writeFileSync(ca, soon)
    const renewed = await metrics.render()
    rmSync(folder, { recursive: true })
    expect(renewed).toContain('pullgate_certificate_expiry_timestamp_seconds{certificate="kafka_ca"} 1804211345')
    expect(await metrics.render()).toContain('{certificate="kafka_ca"} 1804211345')
    expect(text).toContain('pullgate_certificate_expiry_timestamp_seconds{certificate="kafka_ca"} 2110931345')
    expect(text).not.toContain('certificate="kafka_client"')
  })
})
