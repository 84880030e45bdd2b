/** What the fake ERP knows: per identifier the answers it gives, the first one that fits the query. */
export type FakeAnswer = {
  readonly status: 200 | 422
  /** An object is sent as JSON; bytes and text go out as they are. */
  readonly body: object | string | Uint8Array
  /** What a query's `custom_identifier` is compared with. */
  readonly custom?: string
}

export type FakeStudents = Map<string, readonly FakeAnswer[]>

export type StudentFields = {
  readonly identifier: string
  readonly collector_code?: string | number | null
  readonly grade?: string | number
  readonly academic_year_start?: string | number
  readonly academic_year_end?: string | number
  readonly fullname?: string
}

/** A whole success body with one component; the fields given replace the defaults. */
export const studentBody = (fields: StudentFields, feeAmount = 10_000) => ({
  status: 'success',
  data: {
    student: {
      fullname: 'Asha Rao',
      collector_code: 'BLR-01',
      grade: '5',
      new_admission: false,
      academic_year_start: '2026',
      academic_year_end: '2027',
      date_of_birth: '2015-04-17',
      primary_contact_name: 'Meera Rao',
      primary_contact_number: '9999999999',
      primary_contact_email: 'meera@example.edu',
      ...fields,
    },
    fee_components: [{ component_type: 'TUITION_FEE', fee_amount: feeAmount }],
    payment_schedule: [
      {
        due_date: '2026-07-17',
        reference_id: 'ref_1',
        details: [{ component_type: 'TUITION_FEE', amount: feeAmount }],
      },
    ],
  },
})

export const active = (fields: StudentFields, feeAmount?: number): FakeAnswer => ({
  status: 200,
  body: studentBody(fields, feeAmount),
})

export const refusal = (code: string, message = 'no'): FakeAnswer => ({
  status: 422,
  body: { status: 'error', message, code },
})

const compared = ['collector_code', 'grade', 'academic_year_start', 'academic_year_end'] as const

const fits = ({ body, custom }: FakeAnswer, query: URLSearchParams): boolean => {
  const wanted = query.get('custom_identifier')
  if (wanted !== null && wanted !== custom) return false
  const student = (body as Partial<ReturnType<typeof studentBody>>).data?.student
  return (
    student === undefined ||
    compared.every((field) => {
      const asked = query.get(field)
      return asked === null || student[field] == null || String(student[field]) === asked
    })
  )
}

const unknown = refusal('student_not_found', 'Student not found')

export const answerFor = (students: FakeStudents, query: URLSearchParams): FakeAnswer => {
  const identifier = query.get('identifier')
  const candidates = identifier === null ? [...students.values()].flat() : (students.get(identifier) ?? [])
  return candidates.find((candidate) => fits(candidate, query)) ?? unknown
}

export const bytesOf = ({ body }: FakeAnswer): Uint8Array =>
  body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
