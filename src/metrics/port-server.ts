import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../logging.ts'
import type { Metrics } from './metrics.ts'
import { OPEN_METRICS_TYPE, prefersOpenMetrics } from './open-metrics.ts'
import { isOwnHost } from './own-host.ts'

/** One condition of this process; `detail` is for a person and holds no secret. */
export type Check = { readonly name: string; readonly check: () => CheckResult | Promise<CheckResult> }
/** `blocks: false`: something is wrong, but the process can still do some of its work, so it stays ready. */
export type CheckResult = { readonly ok: boolean; readonly detail: string; readonly blocks?: boolean }

export type MetricsServer = { readonly port: number; readonly close: () => Promise<void> }

const checkMs = 2_000

const timeout = (ms: number): Promise<CheckResult> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms, { ok: false, detail: `no result within ${ms} ms` }).unref()
  })

const run = async ({ name, check }: Check): Promise<CheckResult & { readonly name: string }> => {
  try {
    return { name, ...(await Promise.race([check(), timeout(checkMs)])) }
  } catch {
    return { name, ok: false, detail: 'the check itself failed' }
  }
}

const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  response.end(body)
}

const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`)

export const runChecks = (checks: readonly Check[]) => Promise.all(checks.map(run))

const MISDIRECTED = {
  status: 'error',
  message: 'The Host header names another machine. Use an address, or a name without a dot.',
  code: 'misdirected_request',
}

/** An additional path of this port. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A page's answer in JSON. */
export const jsonPage =
  (read: () => Promise<unknown>): Page =>
  async (_request, response) =>
    sendJson(response, 200, await read())

/** One sentence for a person, and every problem with its remedy. */
export type ReadinessVerdict = { readonly text: string; readonly problems: readonly object[] }

/** Always names failing checks; with `?verbose` names all checks, after the verdict. */
const readiness = async (
  response: ServerResponse,
  checks: readonly Check[],
  verdict: (() => Promise<ReadinessVerdict>) | null,
): Promise<void> => {
  const [results, judged] = await Promise.all([runChecks(checks), verdict?.()])
  const ready = results.every(({ ok, blocks }) => ok || blocks === false)
  const shown = verdict ? results : results.filter((result) => !result.ok)
  sendJson(response, ready ? 200 : 503, {
    status: ready ? 'ready' : 'not ready',
    ...(judged && { verdict: judged.text, problems: judged.problems }),
    ...(shown.length > 0 && { checks: shown }),
  })
}

/**
 * Serves `/metrics`, `/livez` (the event loop runs), `/readyz` and `/openapi.json` on a separate port without
 * credentials: keep the port internal. What a browser shows is shown under this machine's own names alone.
 */
export const startMetricsServer = async (options: {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly checks: readonly Check[]
  readonly pages: ReadonlyMap<string, Page>
  /** Problems and remedies, for `/readyz?verbose`. */
  readonly verdict: () => Promise<ReadinessVerdict>
  readonly log: Logger
}): Promise<MetricsServer> => {
  const { metrics, checks, pages, verdict, log } = options
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 })
  server.maxConnections = 256

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/', query] = (request.url ?? '/').split('?', 2)
    const page = pages.get(path)
    const isVerbose = path === '/readyz' && new URLSearchParams(query).has('verbose')
    if ((page || isVerbose) && !isOwnHost(request.headers.host, options.host)) sendJson(response, 421, MISDIRECTED)
    else if (page) await page(request, response)
    else if (path === '/metrics' && prefersOpenMetrics(request.headers.accept))
      send(response, 200, OPEN_METRICS_TYPE, Buffer.from(await metrics.renderOpen()))
    else if (path === '/metrics') send(response, 200, metrics.contentType, Buffer.from(await metrics.render()))
    else if (path === '/livez') sendJson(response, 200, { status: 'alive' })
    else if (path === '/readyz') await readiness(response, checks, isVerbose ? verdict : null)
    else sendJson(response, 404, { status: 'error', message: 'There is nothing at this path.', code: 'not_found' })
  }

  server.on('request', (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return sendJson(response, 405, { status: 'error', message: 'Only GET here.', code: 'method_not_allowed' })
    }
    answer(request, response).catch((err: unknown) => {
      log.error({ err }, 'the metrics port could not answer')
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { status: 'error', message: 'Something went wrong.', code: 'internal_error' })
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
