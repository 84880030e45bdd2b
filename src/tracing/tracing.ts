/** Counts, positions and outcomes; no identifier, no name, no content of an event or an answer. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Unix milliseconds, with fractions. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

/**
 * Spans of this process. A *trace* follows one piece of work through all of its waits, and parts of this work are its
 * children. Outside of a trace, the parts are plain calls.
 */
export type Tracing = {
  readonly trace: <T>(
    name: string,
    attributes: SpanAttributes,
    work: () => Promise<T>,
    told?: (result: T) => SpanAttributes,
  ) => Promise<T>
  readonly child: <T>(
    name: string,
    attributes: SpanAttributes,
    work: () => Promise<T>,
    told?: (result: T) => SpanAttributes,
  ) => Promise<T>
  /** Begins a part that no call encloses; `endPart` ends it, where one has begun. */
  readonly beginPart: (name: string) => void
  readonly endPart: () => void
  /** A span in the trace of a publisher (W3C `traceparent`), linked to the current one, from `sinceMs` until now. */
  readonly remote: (traceparent: string, name: string, attributes: SpanAttributes, sinceMs: number) => void
  /** Sends what is left; bounded. */
  readonly close: () => Promise<void>
}
