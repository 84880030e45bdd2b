import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { type Check, jsonPage, type Page, runChecks } from '../metrics/port-server.ts'
import type { ProjectionView } from './projection-view.ts'
import { runbookPage } from './runbook.ts'
import { startSampler } from './sampler.ts'
import type { StatusView } from './status.ts'
import { statusStream } from './stream.ts'
import { type Verdict, verdicts } from './verdict.ts'

/** The status page for operators without Grafana: `/` of the metrics port, and its resources. */
export type StatusPage = {
  readonly pages: ReadonlyMap<string, Page>
  /** Current problems, for `/readyz?verbose`. */
  readonly verdict: () => Promise<Verdict>
  readonly close: () => void
}

/** The page contains everything it needs: it loads nothing from another address. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"

const sendHtml = (response: ServerResponse, html: Buffer): void => {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': html.length,
    'Content-Security-Policy': POLICY,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(html)
}

export const statusPage = (options: {
  readonly metrics: Metrics
  readonly log: Logger
  readonly version: string
  readonly checks: readonly Check[]
  readonly projection: () => Promise<ProjectionView>
  /** Why the last probe of an ERP failed, by its label. */
  readonly probeFailures: () => ReadonlyMap<string, string>
}): StatusPage => {
  const { metrics, log, version, checks, projection, probeFailures } = options
  const html = readFileSync(new URL('page.html', import.meta.url))
  const sampler = startSampler(metrics)
  const judge = verdicts()
  const view = async (): Promise<StatusView & { readonly verdict: Verdict }> => {
    const [results, standing] = await Promise.all([runChecks(checks), projection().catch(() => null)])
    const head = { version, uptimeSeconds: Math.round(process.uptime()), checks: results }
    const sampled = await sampler.status(head, standing)
    const failures = probeFailures()
    const status = {
      ...sampled,
      erps: sampled.erps.map((one) => ({ ...one, probeFailure: failures.get(one.erp) ?? null })),
    }
    return { ...status, verdict: judge(status, performance.now()) }
  }
  const read = async (): Promise<unknown> => ({ ...(await view()), history: sampler.history() })
  const stream = statusStream(read, (err) => log.warn({ err }, 'the status page could not be told'))

  const page: Page = (_request, response) => sendHtml(response, html)
  let rendered: Buffer | null = null
  const runbook: Page = (_request, response) => {
    rendered ??= Buffer.from(runbookPage())
    sendHtml(response, rendered)
  }
  const events: Page = (request, response) => {
    if (request.method === 'GET' && stream.add(response)) return
    response.writeHead(request.method === 'GET' ? 503 : 200, { 'Content-Length': 0, 'Retry-After': '5' }).end()
  }
  return {
    pages: new Map([
      ['/', page],
      ['/status', jsonPage(read)],
      ['/runbook', runbook],
      ['/status/events', events],
    ]),
    verdict: async () => (await view()).verdict,
    close: () => {
      sampler.stop()
      stream.close()
    },
  }
}
