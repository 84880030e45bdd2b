import { renameSync, writeFileSync } from 'node:fs'
import type { Compared, CompareOutcome } from '../../audit/compare-student.ts'
import { CliFailure } from '../command/failure.ts'

export const OUTCOMES: readonly CompareOutcome[] = [
  'same',
  'differs',
  'moving',
  'suspect',
  'incoherent',
  'unknown',
  'absent',
  'unasked',
  'no_erp',
]

/** A comparison as a person reads it. */
export const comparedLines = ({ identifier, lookup, outcome, differences, said }: Compared): readonly string[] => {
  const where = [lookup.collector_code, lookup.grade && `grade ${lookup.grade}`, lookup.academic_year_start]
  const of = where.filter((part) => part !== undefined && part !== '').join(' · ')
  const head = `${identifier}${of === '' ? '' : `  ${of}`}: ${OUTCOME_TEXT[outcome]}${outcome === 'unasked' ? `: ${said}` : ''}`
  return [
    head,
    ...differences.map(
      ({ field, projection, erp }) => `  ${field}: projection ${shown(projection)}, ERP ${shown(erp)}`,
    ),
  ]
}

const shown = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value))

const OUTCOME_TEXT: Readonly<Record<CompareOutcome, string>> = {
  same: 'the same',
  differs: 'differs',
  moving: 'went on changing: look again later',
  suspect: 'suspect: the projection does not answer for it',
  incoherent: 'incoherent: the projection does not answer for it',
  unknown: 'unknown to the projection; the ERP knows it',
  absent: 'unknown to both',
  unasked: 'the ERP gave no answer',
  no_erp: 'no ERP is configured for it',
}

/** By ERP and outcome. */
export type Counts = ReadonlyMap<string, ReadonlyMap<CompareOutcome, number>>

export const counter = () => {
  const counts = new Map<string, Map<CompareOutcome, number>>()
  return {
    add: ({ erp, outcome }: Compared): void => {
      const known = counts.get(erp) ?? new Map<CompareOutcome, number>()
      counts.set(erp, known)
      known.set(outcome, (known.get(outcome) ?? 0) + 1)
    },
    counts: (): Counts => counts,
    of: (outcome: CompareOutcome): number =>
      [...counts.values()].reduce((sum, one) => sum + (one.get(outcome) ?? 0), 0),
  }
}

export const summaryText = (of: (outcome: CompareOutcome) => number): string =>
  OUTCOMES.flatMap((outcome) => (of(outcome) > 0 ? [`${of(outcome).toLocaleString('en')} ${outcome}`] : [])).join(
    ', ',
  ) || 'nothing was compared'

/** For Prometheus's textfile collector: written whole, then put in place. */
export const writeMetrics = (file: string, counts: Counts, endedMs: number): void => {
  const lines = [
    '# HELP pullgate_audit_enrolments Enrolments that the last audit compared with their ERP, by outcome.',
    '# TYPE pullgate_audit_enrolments gauge',
    ...[...counts].flatMap(([erp, outcomes]) =>
      OUTCOMES.map(
        (outcome) => `pullgate_audit_enrolments{erp="${erp}",outcome="${outcome}"} ${outcomes.get(outcome) ?? 0}`,
      ),
    ),
    '# HELP pullgate_audit_completed_timestamp_seconds When the last audit ended.',
    '# TYPE pullgate_audit_completed_timestamp_seconds gauge',
    `pullgate_audit_completed_timestamp_seconds ${endedMs / 1000}`,
  ]
  try {
    writeFileSync(`${file}.new`, `${lines.join('\n')}\n`)
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw new CliFailure(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
