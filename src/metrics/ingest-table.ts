import { each, gateway, type MetricSpec, one } from './spec.ts'

/** Another code appears with its first refusal. */
const fromStart = ['200', '503']
const codes = ['200', '400', '401', '403', '406', '408', '413', '415', '429', '500', '503']

/** The gateway's metrics for events published over HTTP. */
export const ingestTable = {
  // No histogram: a gateway would start with over 200 more series.
  pullgate_ingest_seconds_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Time of accepted requests to publish over HTTP, from arrival to the acknowledgement of the last event.',
    labels: [],
    initial: one,
  },
  pullgate_ingest_requests_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Requests to publish over HTTP by HTTP status.',
    labels: ['code'],
    values: { code: codes },
    initial: () => each('code', fromStart),
  },
  pullgate_ingest_events_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Events that were published over HTTP and acknowledged.',
    labels: [],
    initial: one,
  },
} as const satisfies Record<string, MetricSpec>
