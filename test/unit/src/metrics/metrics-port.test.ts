import { get } from 'node:http'
import { hostname } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { buildLog } from '../../../../src/logging.ts'
import { buildMetrics } from '../../../../src/metrics/metrics.ts'
import { type Check, jsonPage, type MetricsServer, startMetricsServer } from '../../../../src/metrics/port-server.ts'

const log = buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false })
const metrics = buildMetrics(['gateway'], {
  version: '1',
  partitions: 1,
  eventTypes: [],
  heartbeatSources: [],
  erps: [],
})

let server: MetricsServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const pages = new Map([['/status', jsonPage(async () => ({ shown: true }))]])
const verdict = async () => ({ text: 'All is well.', problems: [] })
const start = async (checks: readonly Check[] = []) => {
  server = await startMetricsServer({ host: '127.0.0.1', port: 0, metrics, checks, pages, verdict, log })
  return (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server!.port}${path}`, { method })
}
const good: Check = { name: 'store', check: () => ({ ok: true, detail: 'fine' }) }
const bad: Check = { name: 'log', check: async () => ({ ok: false, detail: 'no broker' }) }
const broken: Check = {
  name: 'bug',
  check: () => {
    throw new Error('secret')
  },
}

test('/metrics is Prometheus text', async () => {
  const response = await (await start())('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toContain('pullgate_build_info{version="1"')
})

test('/livez is 200 while the event loop turns', async () => {
  const response = await (await start([bad]))('/livez')
  expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }])
})

test('/readyz is 200 when all is well, and tells all when asked', async () => {
  const get = await start([good])
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
  expect(await (await get('/readyz?verbose')).json()).toEqual({
    status: 'ready',
    verdict: 'All is well.',
    problems: [],
    checks: [{ name: 'store', ok: true, detail: 'fine' }],
  })
})

test('/readyz is 503 when something is not, and names it', async () => {
  const get = await start([good, bad, broken])
  const response = await get('/readyz')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    status: 'not ready',
    checks: [
      { name: 'log', ok: false, detail: 'no broker' },
      { name: 'bug', ok: false, detail: 'the check itself failed' },
    ],
  })
})

test('/readyz stays 200 for what leaves some of the work possible, and names it', async () => {
  const partial: Check = { name: 'log', check: () => ({ ok: false, detail: 'partition 3 is away', blocks: false }) }
  const get = await start([good, partial])
  const response = await get('/readyz')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    status: 'ready',
    checks: [{ name: 'log', ok: false, detail: 'partition 3 is away', blocks: false }],
  })
})

test('a check that hangs does not hang /readyz', async () => {
  const get = await start([{ name: 'slow', check: () => new Promise(() => {}) }])
  const response = await get('/readyz')
  expect(await response.json()).toMatchObject({ checks: [{ name: 'slow', ok: false }] })
})

test('other paths and methods are 404 and 405', async () => {
  const get = await start()
  expect((await get('/')).status).toBe(404)
  expect((await get('/metricsx')).status).toBe(404)
  expect((await get('/metrics', 'POST')).status).toBe(405)
  expect((await get('/metrics', 'HEAD')).status).toBe(200)
})

test('a port that is taken is an error, not a silence', async () => {
  await start()
  const again = startMetricsServer({
    host: '127.0.0.1',
    port: server!.port,
    metrics,
    checks: [],
    pages: new Map(),
    verdict,
    log,
  })
  await expect(again).rejects.toThrow('EADDRINUSE')
})

const statusAs = (host: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server!.port, path, headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).on('error', reject)
  })

test.each([
  '127.0.0.1:9090',
  '10.1.2.3',
  '[::1]:9090',
  'localhost:9090',
  'Pullgate-0',
  'pullgate.school.svc.cluster.local:9090',
  hostname(),
])('the status page is shown as %s', async (host) => {
  await start()
  expect(await statusAs(host, '/status')).toBe(200)
})

test.each([
  'attacker.example',
  'attacker.example:9090',
  'attacker.example.',
  '127.0.0.1.attacker.example',
  'localhost.attacker.example',
  'x@127.0.0.1',
  '[::1].attacker.example',
])('a name of somebody else, %s, reads neither page nor checks', async (host) => {
  await start([good])
  expect(await statusAs(host, '/status')).toBe(421)
  expect(await statusAs(host, '/readyz?verbose')).toBe(421)
  expect(await Promise.all(['/readyz', '/livez', '/metrics'].map((path) => statusAs(host, path)))).toEqual([
    200, 200, 200,
  ])
})
