import { readFileSync } from 'node:fs'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { type Check, jsonPage, type Page, runChecks } from '../metrics/port-server.ts'
import { startSampler } from './sampler.ts'
import { statusStream } from './stream.ts'

/** The page for somebody who has no Grafana: `/` of the metrics port, and what it lives on. */
export type StatusPage = { readonly pages: ReadonlyMap<string, Page>; readonly close: () => void }

/** Everything that the page needs is in it: no other address is ever asked. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"

export const statusPage = (options: {
  readonly metrics: Metrics
  readonly log: Logger
  readonly version: string
  readonly checks: readonly Check[]
}): StatusPage => {
  const { metrics, log, version, checks } = options
  const html = readFileSync(new URL('page.html', import.meta.url))
  const sampler = startSampler(metrics)
  const read = async (): Promise<unknown> => {
    const head = { version, uptimeSeconds: Math.round(process.uptime()), checks: await runChecks(checks) }
    return { ...(await sampler.status(head)), history: sampler.history() }
  }
  const stream = statusStream(read, (err) => log.warn({ err }, 'the status page could not be told'))

  const page: Page = (_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': html.length,
      'Content-Security-Policy': POLICY,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(html)
  }
  const events: Page = (request, response) => {
    if (request.method === 'GET' && stream.add(response)) return
    response.writeHead(request.method === 'GET' ? 503 : 200, { 'Content-Length': 0, 'Retry-After': '5' }).end()
  }
  return {
    pages: new Map([
      ['/', page],
      ['/status', jsonPage(read)],
      ['/status/events', events],
    ]),
    close: () => {
      sampler.stop()
      stream.close()
    },
  }
}
