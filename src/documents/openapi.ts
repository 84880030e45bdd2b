import { SIGNATURE_HEADER } from '../config/leaves.ts'
import { type ErrorCode, errors } from '../errors.ts'
import { ANSWER_SOURCES, FALLBACK_REASONS } from '../pull/reasons.ts'
import { UNAVAILABLE_REASONS } from '../unavailable-reasons.ts'
import { VERSION } from '../version.ts'
import { answerSchema } from './answer-schema.ts'
import { eventSchemas } from './event-schemas.ts'

/** The partner's port as OpenAPI 3.1; docs/openapi.json is this, and the metrics port serves it. */

const PULL_ERRORS = [
  ...['invalid_request', 'unauthorized', 'forbidden', 'not_acceptable'],
  ...['student_not_found', 'student_discontinued', 'student_transferred', 'data_error'],
  ...['rate_limited', 'headers_too_large', 'internal_error', 'erp_bad_response', 'temporarily_unavailable'],
] as const satisfies readonly ErrorCode[]

const INGEST_ERRORS = [
  ...['invalid_event', 'invalid_request', 'unauthorized', 'forbidden', 'not_acceptable', 'request_timeout'],
  ...['payload_too_large', 'unsupported_media_type', 'rate_limited', 'headers_too_large', 'internal_error'],
  'temporarily_unavailable',
] as const satisfies readonly ErrorCode[]

const LOOKUP = {
  identifier: 'the student; this or custom_identifier is required',
  custom_identifier: 'the ERP’s other name for the student',
  grade: 'the grade, where several enrolments match',
  collector_code: 'the branch',
  academic_year_start: 'the year the enrolment begins',
  academic_year_end: 'the year the enrolment ends',
}

const header = (description: string, schema: object = { type: 'string' }) => ({ description, schema })
const common = {
  'X-Request-Id': header('the caller’s, or one made for it: quote it when you ask about an answer'),
  'Cache-Control': header('always no-store'),
}
const provenance = {
  'X-Pullgate-Source': header('who answered', { enum: [...ANSWER_SOURCES] }),
  'X-Pullgate-As-Of': header(
    'the moment up to which the answer includes every published event; else, when the ERP said it',
    {
      type: 'string',
      format: 'date-time',
    },
  ),
  'X-Pullgate-Version': header('partition:offset of the last event in the answer'),
  'X-Pullgate-Reason': header('why it was not the projection', {
    enum: [...FALLBACK_REASONS],
  }),
  Age: header('seconds, with last-known-good', { type: 'integer' }),
}
const byStatus: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': header('Basic') },
  422: provenance,
  429: { 'Retry-After': header('seconds', { type: 'integer' }) },
  503: {
    'Retry-After': header('seconds', { type: 'integer' }),
    'X-Pullgate-Reason': header('why nothing can answer', {
      enum: [...FALLBACK_REASONS, ...Object.keys(UNAVAILABLE_REASONS)],
    }),
  },
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: object) => ({ 'application/json': { schema } })

/** One response a status, with the codes that it may bear. */
const refusals = (codes: readonly ErrorCode[]): Record<string, object> => {
  const statuses = [...new Set(codes.map((code) => errors[code].status))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => errors[code].status === status)
      const code = { type: 'object', properties: { code: { enum: own } } }
      return [
        String(status),
        {
          description: own.map((name) => `\`${name}\`: ${errors[name].message}`).join(' '),
          headers: { ...common, ...byStatus[status] },
          content: json({ allOf: [reference(own.includes('invalid_event') ? 'InvalidEvents' : 'Error'), code] }),
        },
      ]
    }),
  )
}

const errorSchema = {
  type: 'object',
  properties: {
    status: { const: 'error' },
    message: { type: 'string', description: 'for a person; may change' },
    code: { type: 'string', description: 'for a machine; docs/errors.md lists them' },
  },
  required: ['status', 'message', 'code'],
}

const invalidEvents = {
  allOf: [
    reference('Error'),
    {
      type: 'object',
      properties: {
        errors: {
          type: 'array',
          maxItems: 100,
          items: {
            type: 'object',
            properties: {
              index: { type: 'integer', minimum: 0, description: 'the event’s place in the batch' },
              pointer: { type: 'string', format: 'json-pointer' },
              message: { type: 'string' },
            },
            required: ['index', 'pointer', 'message'],
          },
        },
      },
    },
  ],
}

const accepted = {
  type: 'object',
  properties: {
    status: { const: 'success' },
    data: {
      type: 'object',
      properties: {
        accepted: { type: 'integer', minimum: 1, maximum: 500 },
        positions: { type: 'array', items: { type: 'string', pattern: '^\\d+:\\d+$' } },
      },
      required: ['accepted', 'positions'],
    },
  },
  required: ['status', 'data'],
}

const fetchStudent = {
  operationId: 'fetchStudent',
  summary: 'What a student owes now',
  description: 'From the projection where it is proven fresh, else from the ERP. Unknown parameters are ignored.',
  parameters: Object.entries(LOOKUP).map(([name, description]) => ({
    ...{ name, in: 'query', description },
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  })),
  responses: {
    200: {
      description: 'The student is active.',
      headers: { ...common, ...provenance },
      content: json(reference('Answer')),
    },
    ...refusals(PULL_ERRORS),
  },
}

const publish = {
  operationId: 'publishEvents',
  summary: 'Publishes a batch of events, whole or not at all',
  description:
    'CloudEvents over HTTP: one structured event, a batch, or one in binary mode (its attributes as ce- headers, its data as the body). The answer comes once the log has acknowledged every event. Sending the same again is safe.',
  security: [{ basic: [] }, { webhook: [] }],
  requestBody: {
    required: true,
    content: {
      'application/cloudevents+json': { schema: reference('Event') },
      'application/cloudevents-batch+json': {
        schema: { type: 'array', minItems: 1, maxItems: 500, items: reference('Event') },
      },
      'application/json': { schema: { description: 'the data of an event in binary mode' } },
    },
  },
  responses: {
    200: { description: 'All are in the log.', headers: common, content: json(reference('Accepted')) },
    ...refusals(INGEST_ERRORS),
  },
}

export const openApi = (pullPath: string): object => {
  const schemas = eventSchemas()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pullgate',
      version: VERSION,
      summary: 'Answers a payment partner’s fetch-student call from ERP change events, proven fresh.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'https://pullgate.example.edu' }],
    security: [{ basic: [] }],
    paths: { [pullPath]: { get: fetchStudent }, '/events': { post: publish } },
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        webhook: {
          ...{ type: 'apiKey', in: 'header', name: SIGNATURE_HEADER },
          description: 'base64 of HMAC-SHA256 over the raw body, for clients that are configured with a webhook',
        },
      },
      schemas: {
        Answer: answerSchema,
        Error: errorSchema,
        InvalidEvents: invalidEvents,
        Accepted: accepted,
        Event: { anyOf: Object.keys(schemas).map(reference) },
        ...schemas,
      },
    },
  }
}
