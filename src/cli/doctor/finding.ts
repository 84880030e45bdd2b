/** One finding of the doctor: the subject, its state, and the remedy. */
export type DoctorFinding = {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly mend?: string
}

export const ok = (check: string, detail: string): DoctorFinding => ({ check, status: 'ok', detail })
export const warn = (check: string, detail: string, mend: string): DoctorFinding => ({
  check,
  status: 'warn',
  detail,
  mend,
})
export const fail = (check: string, detail: string, mend: string): DoctorFinding => ({
  check,
  status: 'fail',
  detail,
  mend,
})

/** What went wrong, in the words of whoever threw it. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error')

export const findingLine = ({ check, status, detail, mend }: DoctorFinding): string =>
  `${status === 'fail' ? 'FAIL' : status.padEnd(4)}  ${check.padEnd(12)}  ${detail}${mend ? `  → ${mend}` : ''}`
