/** What a pull is answered, for machines that read it; the shape is the partner's. */

const text = { type: 'string' } as const
const amount = { type: 'number', minimum: 0, description: 'rupees, with at most 2 decimals' } as const

const student = {
  type: 'object',
  properties: {
    fullname: text,
    identifier: text,
    collector_code: text,
    grade: text,
    new_admission: { type: 'boolean' },
    academic_year_start: text,
    academic_year_end: text,
    date_of_birth: { type: 'string', format: 'date' },
    primary_contact_name: text,
    primary_contact_number: text,
    primary_contact_email: text,
  },
  required: [
    'fullname',
    'identifier',
    'grade',
    'new_admission',
    'academic_year_start',
    'academic_year_end',
    'primary_contact_name',
    'primary_contact_number',
    'primary_contact_email',
  ],
} as const

const instalment = {
  type: 'object',
  properties: {
    due_date: { type: 'string', format: 'date' },
    reference_id: text,
    identifier: text,
    is_downpayment: { type: 'boolean' },
    details: {
      type: 'array',
      items: {
        type: 'object',
        properties: { component_type: text, amount },
        required: ['component_type', 'amount'],
      },
    },
  },
  required: ['due_date', 'details'],
} as const

export const answerSchema = {
  type: 'object',
  properties: {
    status: { const: 'success' },
    data: {
      type: 'object',
      properties: {
        student,
        fee_components: {
          type: 'array',
          items: {
            type: 'object',
            properties: { component_type: text, fee_amount: amount },
            required: ['component_type', 'fee_amount'],
          },
        },
        payment_schedule: {
          type: 'array',
          items: instalment,
          description: 'only where the ERP has set a schedule',
        },
        user: { type: 'object', properties: { name: text, phone: text }, required: ['name', 'phone'] },
      },
      required: ['student', 'fee_components'],
    },
  },
  required: ['status', 'data'],
} as const
