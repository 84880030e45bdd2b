import type { StepReport } from '../student/step.ts'
import { csvLine, csvText } from './csv.ts'
import type { AnswerEntry } from './timeline-text.ts'

export const TIMELINE_HEAD = csvLine(['kind', 'at', 'who', 'id', 'what', 'payable', 'position'])

export const answerCsv = ({ answer: { record } }: AnswerEntry): string =>
  csvLine([
    'answer',
    record.at,
    csvText(record.client),
    csvText(record.request_id),
    record.code ?? String(record.status),
    record.payable === undefined ? '' : String(record.payable),
    record.version ?? '',
  ])

export const eventCsv = ({ at, time, recorded_at, source, id, type }: StepReport): string =>
  csvLine(['event', csvText(time ?? recorded_at), csvText(source ?? ''), csvText(id ?? ''), csvText(type), '', at])
