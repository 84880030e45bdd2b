import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dashboards } from '../../grafana/source/dashboards.ts'
import { type PrivatePrometheus, privatePrometheus, promtool } from '../support/prometheus.ts'
import { rules } from '../support/promql.ts'
import { until } from '../support/until.ts'
import { type TroubledSchool, troubledSchool } from './troubled-school.ts'

/**
 * Prometheus itself, with the rules as they are shipped but for the waits of the alerts (`for`), and with short
 * intervals. The waits are proven by promtool, in deploy/prometheus/tests.
 */

const WITHIN_MS = 90_000
const shipped = new URL('../../deploy/prometheus/', import.meta.url)

let school: TroubledSchool
let prometheus: PrivatePrometheus

const configure = async (dir: string, targets: readonly string[]): Promise<void> => {
  await mkdir(join(dir, 'rules'))
  for (const file of await readdir(new URL('rules/', shipped))) {
    const text = await readFile(new URL(`rules/${file}`, shipped), 'utf8')
    await writeFile(join(dir, 'rules', file), text.replaceAll(/^( +for:) \w+$/gm, '$1 1s'))
  }
  const text = await readFile(new URL('prometheus.yml', shipped), 'utf8')
  const [head] = text.split('scrape_configs:')
  const scrape = `scrape_configs:\n  - job_name: pullgate\n    static_configs: [{ targets: ${JSON.stringify(targets)} }]\n`
  const quick = head!.replaceAll(/(scrape_interval|scrape_timeout|evaluation_interval): \w+/g, '$1: 1s')
  await writeFile(join(dir, 'prometheus.yml'), quick + scrape)
}

beforeAll(async () => {
  school = await troubledSchool()
  const targets = [school.gateway, school.projector].map(({ metricsUrl }) => new URL(metricsUrl).host)
  prometheus = await privatePrometheus((dir) => configure(dir, targets), ['--enable-feature=exemplar-storage'])
}, 60_000)

afterAll(async () => {
  await prometheus?.close()
  await school?.close()
})

const forPrometheus = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '1m')
    .replaceAll('$top', '10')
    .replaceAll(/"\$\w+"/g, '".*"')

const queries = Object.values(dashboards).flatMap(({ title, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap((panel) =>
      panel.queries.map(({ expr }) => ({ where: `${title}: ${panel.title}: ${expr}`, expr: forPrometheus(expr) })),
    ),
  ),
)

/** What says nothing, or only NaN; empty once all is there. */
const silent = async (asked: readonly { where: string; expr: string }[]): Promise<readonly string[]> => {
  const answers = await Promise.all(
    asked.map(async ({ where, expr }) => ({ where, samples: await prometheus.query(expr) })),
  )
  return answers.filter(({ samples }) => !samples.some(({ value }) => value[1] !== 'NaN')).map(({ where }) => where)
}

/** Request ids of the pulls that Prometheus keeps as exemplars. */
const exemplarIds = async (): Promise<readonly string[]> => {
  const now = Date.now() / 1000
  const form = { query: 'pullgate_pull_duration_seconds_bucket', start: String(now - 600), end: String(now + 60) }
  const response = await fetch(`${prometheus.url}/api/v1/query_exemplars?${new URLSearchParams(form)}`)
  const { data } = (await response.json()) as {
    data: readonly { exemplars: readonly { labels: { request_id: string } }[] }[]
  }
  return data.flatMap((series) => series.exemplars.map(({ labels }) => labels.request_id))
}

/** Asks Prometheus twice a second, no more: it evaluates on the same machine. */
const untilFiring = async (...names: readonly string[]): Promise<void> => {
  const end = performance.now() + WITHIN_MS
  let missing = names
  while (missing.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const firing = await prometheus.alerts('firing')
    missing = names.filter((name) => !firing.includes(name))
  }
  expect(missing, 'alerts that do not fire').toEqual([])
}

test('what both roles really expose is clean by promtool', async () => {
  for (const { metricsUrl } of [school.gateway, school.projector]) {
    const exposition = await (await fetch(`${metricsUrl}/metrics`)).text()
    expect(await promtool(['check', 'metrics'], exposition)).toEqual({ code: 0, output: '' })
  }
})

test('under load and in trouble, every panel and every recording rule shows something, and alerts fire', async () => {
  await school.heartbeat()
  await until('the projection to answer', school.isProjected, WITHIN_MS)
  await until('a first scrape', async () => (await prometheus.query('up == 1')).length === 2, WITHIN_MS)
  await school.brokenErp.behave({ kind: 'status', code: 500 })
  await school.pullWhilePaused()

  const recorded = rules.flatMap(({ record }) => (record ? [{ where: record, expr: record }] : []))
  const started = performance.now()
  let missing: readonly string[] = []
  do {
    await school.heartbeat()
    await school.load()
    missing = await silent([...queries, ...recorded])
  } while (missing.length > 0 && performance.now() - started < WITHIN_MS)
  expect(missing).toEqual([])
  // Prometheus asks for OpenMetrics by itself.
  expect(await exemplarIds()).toContainEqual(expect.stringMatching(/^[\w.-]{1,118}$/))

  // The heartbeat is not sent any more.
  await untilFiring(
    'PullgatePublisherSilent',
    'PullgatePublisherMisrouting',
    'PullgateDeadLettersGrowing',
    'PullgateSuspectsNotHealing',
    'PullgateErpBreakerOpen',
    'PullgateFallingBack',
  )
  expect(await prometheus.alerts('firing')).not.toContain('PullgateProjectorDown')

  await school.projector.kill()
  await untilFiring('PullgateProjectorDown', 'PullgateTargetDown', 'PullgateFreshnessBurn')
  expect(await prometheus.alerts('firing')).not.toContain('PullgateGatewayDown')
}, 240_000)
