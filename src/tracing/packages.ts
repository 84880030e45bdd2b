/**
 * OpenTelemetry's packages, as far as they are used here. They are 28 MB and take 0.3 s to load, so they are installed
 * separately and loaded only where traces are wanted.
 */

import type { SpanAttributes } from './tracing.ts'

export type OtelContext = object
export type OtelSpan = {
  readonly spanContext: () => OtelSpanContext
  readonly setAttributes: (attributes: SpanAttributes) => unknown
  readonly setStatus: (status: { readonly code: number }) => unknown
  readonly end: (endMs: number) => void
}
type OtelSpanContext = {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly isRemote?: boolean
}
type SpanOptions = {
  readonly kind?: number
  readonly attributes?: SpanAttributes
  readonly startTime: number
  readonly links?: readonly { readonly context: OtelSpanContext }[]
}
type OtelTracer = {
  readonly startSpan: (name: string, options: SpanOptions, context: OtelContext) => OtelSpan
}
type OtelResource = { readonly merge: (other: OtelResource) => OtelResource }

export type OtelPackages = {
  readonly api: {
    readonly ROOT_CONTEXT: OtelContext
    readonly SpanKind: { readonly SERVER: number; readonly CLIENT: number; readonly CONSUMER: number }
    readonly SpanStatusCode: { readonly ERROR: number }
    readonly trace: {
      readonly setSpan: (context: OtelContext, span: OtelSpan) => OtelContext
      readonly setSpanContext: (context: OtelContext, of: OtelSpanContext) => OtelContext
    }
  }
  readonly sdk: {
    readonly BasicTracerProvider: new (options: {
      readonly resource: OtelResource
      readonly spanProcessors: readonly object[]
    }) => {
      readonly getTracer: (name: string, version: string) => OtelTracer
      readonly shutdown: () => Promise<void>
    }
    readonly BatchSpanProcessor: new (exporter: object) => object
  }
  readonly exporter: { readonly OTLPTraceExporter: new () => object }
  readonly resources: {
    readonly resourceFromAttributes: (attributes: SpanAttributes) => OtelResource
    readonly detectResources: (options: { readonly detectors: readonly object[] }) => OtelResource
    readonly envDetector: object
  }
}

/** The package of each part. The API is small and always there: prom-client needs it too. */
const PACKAGES = {
  api: '@opentelemetry/api',
  sdk: '@opentelemetry/sdk-trace-base',
  exporter: '@opentelemetry/exporter-trace-otlp-http',
  resources: '@opentelemetry/resources',
} as const satisfies Record<keyof OtelPackages, string>

/** Versions that belong together: later ones of some want another API. */
const INSTALL =
  'npm install @opentelemetry/sdk-trace-base@2 @opentelemetry/exporter-trace-otlp-http@0.223 @opentelemetry/resources@2'

type LoadedPackages =
  | ({ readonly kind: 'loaded' } & OtelPackages)
  | { readonly kind: 'missing'; readonly name: string; readonly mend: string }

/** @param load as `import` does */
export const loadPackages = async (
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<LoadedPackages> => {
  const found: Record<string, unknown> = {}
  for (const [part, name] of Object.entries(PACKAGES)) {
    try {
      found[part] = await load(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
      return { kind: 'missing', name, mend: INSTALL }
    }
  }
  return { kind: 'loaded', ...(found as OtelPackages) }
}
