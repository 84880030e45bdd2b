import type { Dashboard } from './dashboard.ts'
import type { Panel, Threshold } from './panel.ts'

const chosen = 'erp=~"$branch"'
const failing = `sum by (erp) (pullgate:erp_requests:rate5m{${chosen},outcome!="answer"})`
const asked = `sum by (erp) (pullgate:erp_requests:rate5m{${chosen}})`

const stat = (title: string, help: string, unit: string, expr: string, thresholds: readonly Threshold[]): Panel => ({
  title,
  help,
  kind: 'stat',
  unit,
  width: 4,
  height: 4,
  queries: [{ expr, legend: title }],
  thresholds,
  alerts: ['PullgateErpBreakerOpen'],
})
const neutral: readonly Threshold[] = [[null, 'blue']]

export const erps: Dashboard = {
  uid: 'pullgate-erps',
  title: 'Pullgate: ERPs',
  description: 'Which ERP is slow, failing or cut off? The worst come first, however many there are.',
  variables: [
    // An ERP has the name of the first branch that uses it, or `group`.
    { kind: 'labels', name: 'branch', label: 'Branch', metric: 'pullgate_erp_breaker_state', of: 'erp' },
    { kind: 'choice', name: 'top', label: 'Top', values: ['10', '5', '20', '50'] },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'ERPs',
          'Those that the configuration names.',
          'none',
          'count(count by (erp) (pullgate_erp_breaker_state))',
          neutral,
        ),
        stat(
          'Breakers not closed',
          'ERPs to which calls are withheld, or probed.',
          'none',
          'count(max by (erp) (pullgate_erp_breaker_state) > 0) or vector(0)',
          [
            [null, 'green'],
            [1, 'orange'],
            [5, 'red'],
          ],
        ),
        stat('Requests per second', 'Retries included.', 'reqps', 'sum(pullgate:erp_requests:rate5m)', neutral),
        stat(
          'Failing share',
          'Of all requests: time-outs, broken connections, statuses, nonsense.',
          'percentunit',
          'sum(pullgate:erp_requests:rate5m{outcome!="answer"}) / (sum(pullgate:erp_requests:rate5m) > 0) or vector(0)',
          [
            [null, 'green'],
            [0.05, 'orange'],
            [0.25, 'red'],
          ],
        ),
        stat('In flight', 'Calls that are not settled yet.', 'none', 'sum(pullgate_erp_in_flight)', neutral),
        stat(
          'p99 of all answers',
          'Over every ERP.',
          's',
          'histogram_quantile(0.99, sum by (le) (pullgate:erp_latency_bucket:rate5m))',
          [
            [null, 'green'],
            [1, 'orange'],
            [4, 'red'],
          ],
        ),
      ],
    },
    {
      title: 'The worst of now',
      panels: [
        {
          title: 'Slowest',
          help: 'p99 of their answers over five minutes.',
          kind: 'bargauge',
          unit: 's',
          width: 8,
          min: 0,
          queries: [
            { expr: `topk($top, pullgate:erp_latency:p99_5m{${chosen}} >= 0 or ${asked} * 0)`, legend: '{{erp}}' },
          ],
          thresholds: [
            [null, 'green'],
            [1, 'orange'],
            [4, 'red'],
          ],
          alerts: ['PullgateLatencyBurn'],
        },
        {
          title: 'Most failures per second',
          help: 'All outcomes but answers.',
          kind: 'bargauge',
          unit: 'reqps',
          width: 8,
          min: 0,
          queries: [{ expr: `topk($top, ${failing})`, legend: '{{erp}}' }],
          thresholds: [
            [null, 'green'],
            [0.1, 'orange'],
            [1, 'red'],
          ],
          alerts: ['PullgateErpBreakerOpen', 'PullgateErpBadResponses'],
        },
        {
          title: 'Most requests per second',
          help: 'Branches that the projection answers least.',
          kind: 'bargauge',
          unit: 'reqps',
          width: 8,
          min: 0,
          queries: [{ expr: `topk($top, ${asked})`, legend: '{{erp}}' }],
          thresholds: neutral,
          alerts: ['PullgateFallingBack'],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        {
          title: 'Breakers, those that opened most',
          help: 'Of the chosen ERPs, those whose breaker was not always closed in the time shown come first.',
          kind: 'state-timeline',
          unit: 'none',
          width: 24,
          queries: [
            {
              expr: `max by (erp) (pullgate_erp_breaker_state{${chosen}}) and on (erp) topk($top, max by (erp) (avg_over_time(pullgate_erp_breaker_state{${chosen}}[$__range] @ end())))`,
              legend: '{{erp}}',
            },
          ],
          words: { '0': ['closed', 'green'], '1': ['half-open', 'orange'], '2': ['open', 'red'] },
          alerts: ['PullgateErpBreakerOpen'],
        },
        {
          title: 'Probes, those that failed most',
          help: 'Each ERP is asked once a minute, unless a pull did so. An ERP that fails would not answer a pull either.',
          kind: 'state-timeline',
          unit: 'none',
          width: 24,
          queries: [
            {
              expr: `max by (erp) (pullgate_erp_probe_failed{${chosen}}) and on (erp) topk($top, max by (erp) (avg_over_time(pullgate_erp_probe_failed{${chosen}}[$__range] @ end())))`,
              legend: '{{erp}}',
            },
          ],
          words: { '0': ['answers', 'green'], '1': ['does not answer', 'red'] },
          alerts: ['PullgateErpProbeFailing'],
        },
        {
          title: 'p99, slowest of each moment',
          help: 'Of answers; time-outs are among the failures.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [
            { expr: `topk($top, pullgate:erp_latency:p99_5m{${chosen}} >= 0 or ${asked} * 0)`, legend: '{{erp}}' },
          ],
          alerts: ['PullgateLatencyBurn'],
        },
        {
          title: 'Failures, most of each moment',
          help: 'Requests per second that ended otherwise than with an answer.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `topk($top, ${failing})`, legend: '{{erp}}' }],
          alerts: ['PullgateErpBreakerOpen'],
        },
        {
          title: 'Requests of the chosen ERPs by outcome',
          help: 'Choose one ERP above to see how it fails.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 8,
          stacked: true,
          queries: [{ expr: `sum by (outcome) (pullgate:erp_requests:rate5m{${chosen}})`, legend: '{{outcome}}' }],
          alerts: ['PullgateErpBadResponses'],
        },
        {
          title: 'Latency of the chosen ERPs',
          help: 'Of their answers.',
          kind: 'heatmap',
          unit: 'short',
          width: 8,
          queries: [
            {
              expr: `sum by (le) (pullgate:erp_latency_bucket:rate5m{${chosen}})`,
              legend: '{{le}}',
            },
          ],
        },
        {
          title: 'Calls in flight, most of each moment',
          help: 'At an ERP’s max_concurrent calls wait or are turned away.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          queries: [{ expr: `topk($top, sum by (erp) (pullgate_erp_in_flight{${chosen}}))`, legend: '{{erp}}' }],
          alerts: ['PullgateErpBreakerOpen'],
        },
      ],
    },
  ],
}
