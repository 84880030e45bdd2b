import type { ErpDirectory } from '../erp/directory.ts'
import type { EndsLookup } from '../pull/ends.ts'
import type { Pull } from '../pull/port.ts'
import type { PullDeps } from '../pull/pull.ts'
import type { SpanAttributes, Tracing } from './tracing.ts'

/** What a pull is made of, wrapped in spans: the look-ups of store and log, and the ERP. */
export type TracedPulls = {
  readonly pull: (pull: Pull) => Pull
  readonly reader: (reader: PullDeps['reader']) => PullDeps['reader']
  readonly ends: (ends: EndsLookup) => EndsLookup
  readonly erps: (erps: Pick<ErpDirectory, 'forBranch'>) => Pick<ErpDirectory, 'forBranch'>
}

const untouched = <T>(part: T): T => part

/** Without tracing, every part is what it was: a pull pays nothing. */
export const tracedPulls = (tracing: Tracing | null): TracedPulls => {
  if (tracing === null) return { pull: untouched, reader: untouched, ends: untouched, erps: untouched }
  const ofStore = <A extends readonly unknown[], R>(operation: string, call: (...args: A) => Promise<R>) => {
    const attributes = { 'pullgate.operation': operation }
    return (...args: A): Promise<R> => tracing.child('store', attributes, () => call(...args))
  }
  return {
    pull: (pull) => (query, asker, deadline, requestId) =>
      tracing.trace(
        'pull',
        { 'pullgate.request_id': requestId },
        () => pull(query, asker, deadline, requestId),
        attributesOf,
      ),
    reader: (reader) => ({
      ...reader,
      student: ofStore('student', reader.student),
      studentAhead: ofStore('student ahead', reader.studentAhead),
      byCustom: ofStore('by custom identifier', reader.byCustom),
      partitions: ofStore('partitions', reader.partitions),
      partitionsAhead: ofStore('partitions ahead', reader.partitionsAhead),
    }),
    ends: (ends) => (wanted) => tracing.child('log', { 'pullgate.operation': 'end' }, () => ends(wanted)),
    erps: (erps) => ({
      forBranch: (branch) => {
        const erp = erps.forBranch(branch)
        if (erp === undefined) return undefined
        const attributes = { 'pullgate.erp': erp.label }
        const fetch: typeof erp.fetch = (...args) =>
          tracing.child(
            'erp',
            attributes,
            () => erp.fetch(...args),
            (outcome) => ({ 'pullgate.outcome': outcome.kind }),
          )
        return { ...erp, fetch }
      },
    }),
  }
}

const attributesOf = (result: Awaited<ReturnType<Pull>>): SpanAttributes => ({
  ...(result.kind === 'answer'
    ? { 'pullgate.source': result.source, 'http.response.status_code': result.status }
    : { 'pullgate.source': 'none', 'pullgate.code': result.code }),
  ...(result.reason !== undefined && { 'pullgate.reason': result.reason }),
})
