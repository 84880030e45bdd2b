import { AsyncLocalStorage } from 'node:async_hooks'
import { loadPackages, type OtelContext, type OtelPackages, type OtelSpan } from './packages.ts'
import { nowMs, type SpanAttributes, type Tracing } from './tracing.ts'

export type TracingLog = {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

type Current = { readonly span: OtelSpan; readonly context: OtelContext; part: OtelSpan | null }

const CLOSE_MS = 2_000
const SAMPLED = 1

/**
 * Traces by OpenTelemetry, sent over OTLP/HTTP to `OTEL_EXPORTER_OTLP_ENDPOINT`. Its packages read the other variables
 * `OTEL_…` themselves. `null`: they are not installed; the process works without traces.
 */
export const openTracing = async (options: {
  readonly service: string
  readonly version: string
  readonly log: TracingLog
}): Promise<Tracing | null> => {
  const { log } = options
  const packages = await loadPackages()
  if (packages.kind === 'missing') {
    log.warn({ missing: packages.name, mend: packages.mend }, 'there are no traces: a package is not installed')
    return null
  }
  log.info({}, 'traces are sent to OTEL_EXPORTER_OTLP_ENDPOINT')
  return tracingWith(packages, options)
}

const tracingWith = (
  { api, sdk, exporter, resources }: OtelPackages,
  { service, version }: { readonly service: string; readonly version: string },
): Tracing => {
  const { resourceFromAttributes, detectResources, envDetector } = resources
  const own = resourceFromAttributes({ 'service.name': service, 'service.version': version })
  const provider = new sdk.BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())],
  })
  const tracer = provider.getTracer('pullgate', version)
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api
  /** Entered only where a trace begins, so that pulls cost nothing without one. */
  const currents = new AsyncLocalStorage<Current>()

  const within = async <T>(
    span: OtelSpan,
    work: () => Promise<T>,
    told: ((result: T) => SpanAttributes) | undefined,
  ): Promise<T> => {
    try {
      const result = await work()
      if (told) span.setAttributes(told(result))
      return result
    } catch (error) {
      // The error's text may hold content; the log has it in its safe form.
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end(nowMs())
    }
  }

  return {
    trace: (name, attributes, work, told) => {
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, startTime: nowMs() }, ROOT_CONTEXT)
      const current: Current = { span, context: trace.setSpan(ROOT_CONTEXT, span), part: null }
      return currents.run(current, () => within(span, work, told))
    },
    child: (name, attributes, work, told) => {
      const current = currents.getStore()
      if (current === undefined) return work()
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime: nowMs() }, current.context)
      return within(span, work, told)
    },
    beginPart: (name) => {
      const current = currents.getStore()
      if (current !== undefined) current.part = tracer.startSpan(name, { startTime: nowMs() }, current.context)
    },
    endPart: () => {
      const current = currents.getStore()
      current?.part?.end(nowMs())
      if (current !== undefined) current.part = null
    },
    remote: (traceparent, name, attributes, sinceMs) => {
      const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
      if ((Number.parseInt(flags, 16) & SAMPLED) === 0) return
      const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: SAMPLED, isRemote: true })
      const span = currents.getStore()?.span
      const links = span === undefined ? [] : [{ context: span.spanContext() }]
      tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes, startTime: sinceMs, links }, context).end(nowMs())
    },
    close: async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS)
      })
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}
