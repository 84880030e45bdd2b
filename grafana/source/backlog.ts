import type { Row } from './dashboard.ts'
import { rate } from './expressions.ts'

/** While partitions are behind: who is answered all the same. */
export const backlog: Row = {
  title: 'Backlog',
  panels: [
    {
      title: 'Pulls answered while their partition was behind',
      help: 'None of the student’s events waited there. Beside them the pulls that were stale.',
      kind: 'timeseries',
      unit: 'reqps',
      width: 8,
      queries: [
        { expr: `sum(${rate('pullgate_pull_ahead_total')})`, legend: 'answered by the projection' },
        { expr: 'sum(pullgate:pull_fallback:rate5m{reason="stale"})', legend: 'stale' },
      ],
      alerts: ['PullgateFreshnessBurn'],
    },
    {
      title: 'Read ahead',
      help: 'Partitions that are behind and read ahead, and the students who have events there. Both are 0 in quiet times.',
      kind: 'timeseries',
      unit: 'none',
      width: 8,
      queries: [
        { expr: 'sum(pullgate_scout_partitions)', legend: 'partitions' },
        { expr: 'sum(pullgate_scout_marks)', legend: 'students' },
      ],
      alerts: ['PullgateFreshnessBurn'],
    },
    {
      title: 'Records read ahead',
      help: 'A second. Each costs a few microseconds of a projector’s CPU.',
      kind: 'timeseries',
      unit: 'short',
      width: 8,
      queries: [{ expr: `sum(${rate('pullgate_scouted_records_total')})`, legend: 'records' }],
    },
  ],
}
