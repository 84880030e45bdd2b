import { csvLine, csvText } from './csv.ts'
import type { SupersededRow } from './superseded-row.ts'

const COLUMNS = [
  'identifier',
  'collector_code',
  'at',
  'client',
  'request_id',
  'change',
  'told',
  'now',
  'difference',
  'event',
  'event_id',
  'event_source',
  'event_time',
  'event_at',
  'undone_by',
] as const

export const SUPERSEDED_HEAD = csvLine(COLUMNS)

/** An answer as a line for a spreadsheet. */
export const supersededCsv = (row: SupersededRow): string => {
  const { event } = row
  const cells = [
    csvText(row.identifier),
    csvText(row.collector_code ?? ''),
    csvText(row.at),
    csvText(row.client),
    csvText(row.request_id),
    row.change,
    said(row.told),
    said(row.now),
    differenceOf(row),
    csvText(event.type),
    csvText(event.id ?? ''),
    csvText(event.source ?? ''),
    csvText(event.time ?? event.recorded_at),
    csvText(event.at),
    csvText(event.undone_by?.at ?? ''),
  ]
  return csvLine(cells)
}

const said = (summary: SupersededRow['now']): string => {
  if (summary === null) return 'not answered'
  return summary.payable === undefined ? (summary.code ?? String(summary.status)) : String(summary.payable)
}

/** In rupees; empty where one of the two is no sum. */
const differenceOf = ({ told, now }: SupersededRow): string =>
  told.payable === undefined || now?.payable === undefined
    ? ''
    : String(Math.round((now.payable - told.payable) * 100) / 100)

/** One answer as a person reads it. */
export const supersededLines = (row: SupersededRow): readonly string[] => {
  const { event, change } = row
  const difference = differenceOf(row)
  const sum = difference === '' || difference === '0' ? '' : ` (${difference.startsWith('-') ? '' : '+'}${difference})`
  const number = event.sequence === null ? '' : ` #${event.sequence}`
  const lines = [
    `${row.identifier}  ${row.collector_code ?? 'no branch'}  ${event.undone_by ? `${change}, undone` : change}: told ${said(row.told)}, now ${said(row.now)}${sum}`,
    `    told ${row.at} to ${row.client}, request ${row.request_id}`,
    `    by ${event.at}  ${event.time ?? event.recorded_at}  ${event.type}  ${event.source ?? '?'}${number}`,
  ]
  if (event.undone_by) lines.push(`    undone by ${event.undone_by.at}  ${event.undone_by.type}`)
  return lines
}
