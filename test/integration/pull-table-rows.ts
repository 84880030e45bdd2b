import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { type FakeAnswer, refusal, studentBody } from '../support/fake-erp-students.ts'
import type { Expected } from '../support/pull-expectations.ts'
import { CLOSED, hitBody, SILENT, SILENT_CLOSED, type StudentState } from '../support/pull-students.ts'

/** What an ERP may do, and what becomes of a pull that needs it. */
export type ErpRow = {
  readonly name: string
  readonly does: Behaviour | 'closed'
  /** What it knows; nothing where that does not matter. */
  readonly says?: (identifier: string, branch: string) => FakeAnswer
  readonly outcome: 'answer' | 'bad' | 'down'
  readonly retryAfter?: string
}

const down = (name: string, does: ErpRow['does'], retryAfter?: string): ErpRow => ({
  name,
  does,
  outcome: 'down',
  ...(retryAfter !== undefined && { retryAfter }),
})
const bad = (name: string, does: Behaviour): ErpRow => ({ name, does, outcome: 'bad' })
const refuses = (code: string): ErpRow => ({
  name: `says ${code}`,
  does: { kind: 'ok' },
  says: () => refusal(code, 'The ERP’s own words.'),
  outcome: 'answer',
})
const knows = (name: string, does: Behaviour): ErpRow => ({
  name,
  does,
  says: (identifier, collector_code) => ({ status: 200, body: studentBody({ identifier, collector_code }, 777) }),
  outcome: 'answer',
})
const status = (code: number, retryAfter?: string): Behaviour => ({
  kind: 'status',
  code,
  ...(retryAfter !== undefined && { retryAfter }),
})

export const erpRows: readonly ErpRow[] = [
  knows('is well', { kind: 'ok' }),
  knows('is slow', { kind: 'slow', ms: 150 }),
  refuses('student_not_found'),
  refuses('student_discontinued'),
  refuses('student_transferred'),
  refuses('data_error'),
  down('hangs', { kind: 'hang' }),
  down('drips', { kind: 'drip', everyMs: 20 }),
  down('resets', { kind: 'reset' }),
  down('is not there', 'closed'),
  down('breaks off', { kind: 'truncated' }),
  down('speaks another protocol', { kind: 'garbage', of: 'raw' }),
  down('limits', status(429)),
  down('limits for long', status(429, '30'), '30'),
  down('fails', status(500)),
  down('is a bad gateway', status(502)),
  down('is unavailable', status(503)),
  down('is unavailable for long', status(503, '7'), '7'),
  down('is a late gateway', status(504)),
  down('does not know us', status(401)),
  down('does not know the path', status(404)),
  bad('redirects', { kind: 'redirect' }),
  bad('says too much', { kind: 'too-large', declared: true }),
  bad('never ends', { kind: 'too-large' }),
  bad('shows a web page', { kind: 'garbage' }),
  bad('tells of another student', { kind: 'wrong-student' }),
  bad('leaves out fields', { kind: 'invalid-body' }),
  bad('refuses with a code of its own', { kind: 'bytes', body: JSON.stringify(refusal('oops').body), status: 422 }),
]

export const doubtful = ['miss', 'suspect', 'incoherent', 'ambiguous', 'stale'] as const satisfies StudentState[]

export const branchFor = (state: StudentState, erp: ErpRow): string => {
  const closed = erp.does === 'closed'
  if (state === 'stale') return closed ? SILENT_CLOSED : SILENT
  return closed ? CLOSED : 'BLR-01'
}

const erpBody = (erp: ErpRow, identifier: string, branch: string): { status: 200 | 422; body: string } => {
  const said = erp.says!(identifier, branch)
  return { status: said.status, body: JSON.stringify(said.body) }
}

/** What a pull says that the projection does not answer. */
export const expectedOf = (reason: string, erp: ErpRow, identifier: string, branch: string): Expected => {
  switch (erp.outcome) {
    case 'answer':
      return { from: 'erp', reason, ...erpBody(erp, identifier, branch) }
    case 'bad':
      return { from: 'nobody', code: 'erp_bad_response', reason }
    case 'down':
      return {
        from: 'nobody',
        code: 'temporarily_unavailable',
        reason,
        ...(erp.retryAfter !== undefined && { retryAfter: erp.retryAfter }),
      }
  }
}

/** What the projection says of those that it can answer for. */
export const projected = (state: 'hit' | 'left' | 'moved', identifier: string, branch = 'BLR-01'): Expected => {
  if (state === 'hit') return { from: 'projection', status: 200, body: hitBody(identifier, branch) }
  const [message, code] =
    state === 'left' ? ['Gone.', 'student_discontinued'] : ['The student has been transferred.', 'student_transferred']
  return { from: 'projection', status: 422, body: JSON.stringify({ status: 'error', message, code }) }
}
