import type { Dashboard } from './dashboard.ts'
import { increase, rate } from './expressions.ts'
import { gateways } from './gateways.ts'
import type { Panel, Threshold } from './panel.ts'

const budgetLeft: readonly Threshold[] = [
  [null, 'red'],
  [0, 'orange'],
  [0.3, 'green'],
]
const SYMPTOMS = ['PullgateAvailabilityBurn', 'PullgateLatencyBurn', 'PullgateFreshnessBurn']

const bySource = (q: number, name: string): Panel => ({
  title: `Pull latency ${name} by source`,
  help: 'Arrival to answer. The projection answers in milliseconds, an ERP in its own time; the objective is 300 ms for 99 %.',
  kind: 'timeseries',
  unit: 's',
  width: 8,
  queries: [
    {
      expr: `histogram_quantile(${q}, sum by (source, le) (pullgate:pull_latency_bucket:rate5m))`,
      legend: '{{source}}',
    },
  ],
  thresholds: [
    [null, 'transparent'],
    [0.3, 'red'],
  ],
  alerts: ['PullgateLatencyBurn', 'PullgateEventLoopBlocked'],
})

export const pullLatency: Dashboard = {
  uid: 'pullgate-pull',
  title: 'Pullgate: pull latency and sources',
  description: 'Are pulls answered, how fast, by whom, and what is left of the budgets?',
  variables: [{ kind: 'labels', name: 'instance', label: 'Gateway', metric: 'pullgate_pulls_in_progress' }],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Pulls per second',
          help: 'All pulls that came, refused ones too.',
          kind: 'stat',
          unit: 'reqps',
          width: 4,
          height: 4,
          queries: [{ expr: 'sum(pullgate:pulls:rate5m)', legend: 'pulls' }],
          alerts: ['PullgateGatewayDown', 'PullgateTargetDown'],
        },
        {
          title: 'Answered by the projection',
          help: 'Share of the answers. The others come from ERPs, slower: see why below.',
          kind: 'stat',
          unit: 'percentunit',
          width: 4,
          height: 4,
          queries: [
            {
              expr: 'sum(pullgate:pulls:rate5m{source="projection"}) / sum(pullgate:pulls:rate5m{source!="none"})',
              legend: 'share',
            },
          ],
          thresholds: [
            [null, 'red'],
            [0.8, 'orange'],
            [0.95, 'green'],
          ],
          alerts: ['PullgateFallingBack'],
        },
        {
          title: 'p99, projection',
          help: 'What a student whose answer lies ready waits for it.',
          kind: 'stat',
          unit: 's',
          width: 4,
          height: 4,
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le) (pullgate:pull_latency_bucket:rate5m{source="projection"}))',
              legend: 'p99',
            },
          ],
          thresholds: [
            [null, 'green'],
            [0.05, 'orange'],
            [0.3, 'red'],
          ],
          alerts: ['PullgateLatencyBurn'],
        },
        {
          title: 'Not answered per second',
          help: 'Pulls that ended with 5xx.',
          kind: 'stat',
          unit: 'reqps',
          width: 4,
          height: 4,
          queries: [{ expr: 'sum(pullgate:pulls:rate5m{code=~"5.."})', legend: '5xx' }],
          thresholds: [
            [null, 'green'],
            [0.01, 'red'],
          ],
          alerts: ['PullgateAvailabilityBurn'],
        },
        {
          title: 'Budget left of 30 days',
          help: '1 is all of it, 0 none; below 0 the promise is broken.',
          kind: 'bargauge',
          unit: 'percentunit',
          width: 8,
          height: 4,
          min: -0.5,
          max: 1,
          queries: [{ expr: '1 - pullgate:slo_errors:ratio_30d / pullgate:slo_budget:ratio', legend: '{{slo}}' }],
          thresholds: budgetLeft,
          alerts: SYMPTOMS,
        },
      ],
    },
    {
      title: 'Latency',
      panels: [bySource(0.5, 'p50'), bySource(0.99, 'p99'), bySource(0.999, 'p99.9')],
    },
    {
      title: 'Sources',
      panels: [
        {
          title: 'Pulls by source',
          help: 'Who answered; none = refused or not answered.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 8,
          stacked: true,
          queries: [{ expr: 'sum by (source) (pullgate:pulls:rate5m)', legend: '{{source}}' }],
          alerts: ['PullgateFallingBack'],
        },
        {
          title: 'Pulls by HTTP status',
          help: '200 and 422 are answers, 4xx the client’s affair, 5xx burn the budget.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 8,
          stacked: true,
          queries: [{ expr: 'sum by (code) (pullgate:pulls:rate5m)', legend: '{{code}}' }],
          alerts: ['PullgateAvailabilityBurn'],
        },
        {
          title: 'Why the projection did not answer',
          help: 'The first reason that applied to a pull.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 8,
          stacked: true,
          queries: [
            {
              expr: 'sum by (reason) (pullgate:pull_fallback:rate5m)',
              legend: '{{reason}}',
            },
          ],
          alerts: ['PullgateFallingBack', 'PullgateStoreUnreachable'],
        },
      ],
    },
    {
      title: 'Objectives',
      panels: [
        {
          title: 'Burn rate of the last hour',
          help: 'How many times faster than allowed a budget is used. 14.4 for an hour pages, 1 uses it up in 30 days.',
          kind: 'timeseries',
          unit: 'none',
          width: 12,
          queries: [{ expr: 'pullgate:slo_errors:ratio_1h / pullgate:slo_budget:ratio', legend: '{{slo}}' }],
          thresholds: [
            [null, 'transparent'],
            [1, 'orange'],
            [14.4, 'red'],
          ],
          alerts: SYMPTOMS,
        },
        {
          title: 'Burn rate of the last three days',
          help: 'Above 1 for long, and the budget is gone before its 30 days are over.',
          kind: 'timeseries',
          unit: 'none',
          width: 12,
          queries: [{ expr: 'pullgate:slo_errors:ratio_3d / pullgate:slo_budget:ratio', legend: '{{slo}}' }],
          thresholds: [
            [null, 'transparent'],
            [1, 'red'],
          ],
          alerts: ['PullgateAvailabilityBurnSlow', 'PullgateLatencyBurnSlow', 'PullgateFreshnessBurnSlow'],
        },
      ],
    },
    {
      title: 'What was answered',
      panels: [
        {
          title: 'Answers that have changed since',
          help: 'Answers of the last days that an event has changed, by how. Lower: a family is about to be debited too much.',
          kind: 'timeseries',
          unit: 'short',
          width: 16,
          stacked: true,
          queries: [
            { expr: `sum by (change) (${increase('pullgate_answers_superseded_total')})`, legend: '{{change}}' },
          ],
          alerts: ['PullgateAnswersLower'],
        },
        {
          title: 'Answers recorded and lost',
          help: 'Per second, where answers are recorded. What is lost is missing in the list of changed answers.',
          kind: 'timeseries',
          unit: 'reqps',
          width: 8,
          queries: [
            { expr: `sum(${rate('pullgate_answers_recorded_total')})`, legend: 'recorded' },
            { expr: `sum(${rate('pullgate_answers_lost_total')})`, legend: 'lost' },
          ],
          alerts: ['PullgateAnswersLost'],
        },
      ],
    },
    gateways,
  ],
}
