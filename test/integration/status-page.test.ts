import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireChromium } from '../../scripts/setup/tools.mjs'
import { hashSecret } from '../../src/config/secret.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { contrasts, focused, moving, pageWidth } from '../support/in-page.mjs'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const SECRET = 'only-for-this-test'
const AUTH = { Authorization: `Basic ${Buffer.from(`jodo:${SECRET}`).toString('base64')}` }
/** `PULLGATE_SCREENSHOTS=1` writes the pictures of the docs anew. */
const PICTURES =
  process.env['PULLGATE_SCREENSHOTS'] === '1' ? fileURLToPath(new URL('../../docs/images/', import.meta.url)) : null

const log = openLog()
let redis: PrivateRedis
let erp: FakeErp
let program: Program
let all: Running
let folder: string
let browser: Browser
let page: Page
const errors: string[] = []
const asked: string[] = []

const pull = async (identifier: string): Promise<number> => {
  const response = await fetch(`${all.url}/fetch-student?identifier=${identifier}`, { headers: AUTH })
  await response.arrayBuffer()
  return response.status
}

beforeAll(async () => {
  const topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  erp = await fakeErp()
  const config = {
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'outstanding', paid_instalments: 'zero' },
    erp: { url: erp.url, username: 'u', password: 'env:ERP_PASSWORD', timeout_ms: 1000 },
    branches: [{ collector_code: 'BLR-01', heartbeat: { source: '/erp/test', max_age_ms: 60_000 } }],
    clients: [{ username: 'jodo', secrets: [await hashSecret(SECRET)], branches: 'all' }],
  }
  process.env['ERP_PASSWORD'] = 'only-for-this-test'
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify(config),
  })
  const school = publisher(topic, PARTITIONS)
  const heartbeat = {
    specversion: '1.0',
    id: 'h-1',
    source: '/erp/test',
    type: 'erp.heartbeat.v1',
    time: new Date().toISOString(),
  }
  await log.append([
    school.enrolled('PLANTED-NAME-1'),
    school.assessed('PLANTED-NAME-1', 5000),
    school.enrolled('S-2'),
    { topic, partition: 0, key: null, value: Buffer.from(JSON.stringify(heartbeat)), headers: [] },
    school.event('S-2', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 'much' }),
  ])
  all = await program.start('all')
  await until('the projection to answer', async () => (await pull('PLANTED-NAME-1')) === 200, 60_000)

  const executablePath = await requireChromium(() => {})
  folder = await mkdtemp(join(tmpdir(), 'pullgate-browser-'))
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
  page = await browser.newPage({ viewport: { width: 1180, height: 900 } })
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${all.metricsUrl}/`)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await program?.close()
  await erp?.close()
  await redis?.close()
  await log.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const text = (selector: string): Promise<string> => page.locator(selector).innerText()

describe('the status page in a browser', () => {
  test('shows live who answers, and why not the projection', async () => {
    await until('the page to tell of pulls', async () => {
      await Promise.all([pull('PLANTED-NAME-1'), pull('unknown'), pull('S-2')])
      const [pulls, fallbacks] = [await text('#pulls'), await text('#fallbacks')]
      const shown = [/projection\s+[0-9.]*[1-9]/, /erp\s+[0-9.]*[1-9]/].every((row) => row.test(pulls))
      return shown && [/miss\s+[0-9.]+\s+[1-9]/, /suspect\s+[0-9.]+\s+[1-9]/].every((row) => row.test(fallbacks))
    })
    // A line needs two samples.
    const line = page.locator('#pulls svg path').first()
    await until('the line to be drawn', async () => /^M/.test((await line.getAttribute('d')) ?? ''))
  })

  test('shows each partition, the doubts, the ERPs, the publishers and the checks', async () => {
    await until(
      'the partitions to be fresh',
      async () => (await page.locator('#partitions li.good').count()) === PARTITIONS,
    )
    await until('the suspect to be counted', async () => (await text('#suspects')) === '1')
    expect(await text('#letters')).toBe('1')
    expect(await text('#reasons')).toMatch(/poison\s+[0-9.]+\s+1/)
    expect(await text('#erps')).toMatch(/group\s+closed/)
    expect(await text('#publishers')).toMatch(/\/erp\/test\s+.* ago/)
    expect(await text('#checks')).toContain('ok')
    await until('the page to say ready', async () => (await text('#state')) === 'ready')
  })

  test('says on top what is wrong and links to the section of its own runbook', async () => {
    await until('the doubts to be on top', async () =>
      (await text('#verdict')).includes('1 student suspect, 1 dead letter open'),
    )
    const link = page.locator('#problems a').first()
    expect(await link.getAttribute('href')).toBe('/runbook#pullgatesuspectsnothealing')
    const runbook = await (await fetch(`${all.metricsUrl}/runbook`)).text()
    expect(runbook).toContain('<h2 id="pullgatesuspectsnothealing">')
    const readiness = (await (await fetch(`${all.metricsUrl}/readyz?verbose`)).json()) as { verdict: string }
    expect(readiness.verdict).toContain('1 student suspect, 1 dead letter open')
  })

  test('shows an open breaker first, as soon as it opens', async () => {
    await erp.behave({ kind: 'reset' })
    await until(
      'the breaker to open',
      async () => {
        await Promise.all(Array.from({ length: 10 }, () => pull('unknown')))
        return /^group\s+open/m.test(await text('#erps tbody'))
      },
      60_000,
    )
    await until('the top to name the ERP', async () => (await text('#verdict')).includes('The group’s ERP fails'))
  })

  test('tells nothing of any student, and asks no other address', async () => {
    expect(await page.content()).not.toContain('PLANTED')
    expect(await (await fetch(`${all.metricsUrl}/status`)).text()).not.toContain('PLANTED')
    expect(asked.filter((url) => !url.startsWith(all.metricsUrl) && !url.startsWith('data:'))).toEqual([])
    expect(errors).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    'is readable in %s: text and ground differ by 4.5 to 1',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      const ratios = await page.evaluate(contrasts)
      expect(ratios.length).toBeGreaterThan(20)
      expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([])
      if (PICTURES) {
        await mkdir(PICTURES, { recursive: true })
        await page.screenshot({ path: join(PICTURES, `status-${colorScheme}.png`), fullPage: true })
      }
    },
  )

  test.each([320, 768, 1180, 3840])('fits a screen of %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    expect(await page.evaluate(pageWidth)).toBeLessThanOrEqual(width)
    await page.setViewportSize({ width: 1180, height: 900 })
  })

  test('is used with the keyboard: whatever scrolls can be reached', async () => {
    const reached = new Set<string>()
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    for (let turn = 0; turn < 12; turn += 1) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate(focused))
    }
    expect([...reached]).toEqual(expect.arrayContaining(['h-pulls', 'h-erps', 'h-publishers', 'A']))
  })

  test('moves nothing, for those who ask for that and for all others', async () => {
    const moved = await page.evaluate(moving)
    expect(moved).toBe(0)
  })

  test('says so when the connection is lost', async () => {
    await all.kill()
    await until('the page to notice', async () => (await text('#state')).includes('connection lost'))
  })
})
