import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { Partitioners } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseStudentId } from '../../../../projections/events/fields.ts'
import { documents } from '../../../../src/documents/all.ts'
import { errors } from '../../../../src/errors.ts'

const docs = new URL('../../../../docs/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, docs), 'utf8')
const json = <T = object>(file: string): T => JSON.parse(read(file)) as T
const generated = documents(read('configuration.md'))

test.each(Object.keys(generated))('docs/%s is current (node scripts/write-documents.ts writes it)', (file) => {
  expect(json(file)).toEqual(JSON.parse(JSON.stringify(generated[file])))
})

type Refusal = {
  readonly allOf: readonly [unknown, { readonly properties: { readonly code: { readonly enum: readonly string[] } } }]
}
type Response = { readonly content: { readonly 'application/json': { readonly schema: Refusal } } }
type Paths = Record<string, Record<string, { readonly responses: Record<string, Response> }>>

describe('docs/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(json('openapi.json'))
    expect(result).toMatchObject({ valid: true })
  })

  test('has every code of docs/errors.md that the port answers, under its status', () => {
    const told = new Set<string>()
    const { paths } = json<{ readonly paths: Paths }>('openapi.json')
    for (const path of Object.values(paths))
      for (const { responses } of Object.values(path))
        for (const [status, response] of Object.entries(responses)) {
          if (status === '200') continue
          for (const code of response.content['application/json'].schema.allOf[1].properties.code.enum) {
            told.add(code)
            expect(errors[code as keyof typeof errors].status, code).toBe(Number(status))
          }
        }
    const elsewhere = ['not_found', 'method_not_allowed', 'store_unavailable', 'log_unavailable']
    expect([...told, ...elsewhere].sort()).toEqual(Object.keys(errors).sort())
  })

  test('describes the answer that a partner gets', () => {
    const ajv = addFormats.default(new Ajv2020({ strict: false }))
    ajv.addSchema(json('openapi.json'), 'openapi')
    const validate = ajv.getSchema('openapi#/components/schemas/Answer')!
    const student = {
      ...{ fullname: 'A', identifier: 'S-1', grade: '5', new_admission: true, academic_year_start: '2026' },
      ...{ academic_year_end: '2027', primary_contact_name: 'R', primary_contact_number: '98' },
      primary_contact_email: 'r@example.edu',
    }
    const details = [{ component_type: 'T', amount: 0.5 }]
    const data = {
      student,
      fee_components: [{ component_type: 'T', fee_amount: 10_000 }],
      payment_schedule: [{ due_date: '2026-07-17', details }],
    }
    expect(validate({ status: 'success', data })).toBe(true)
    expect(validate({ status: 'success', data: { ...data, fee_components: [{ component_type: 'T' }] } })).toBe(false)
  })
})

test('docs/asyncapi.json is valid AsyncAPI 3.0', () => {
  const schema = new URL('../../../../node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json', import.meta.url)
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: false, logger: false }))
  const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')))
  expect(validate({ ...json('asyncapi.json'), channels: 7 })).toBe(false)
  validate(json('asyncapi.json'))
  expect(validate.errors ?? []).toEqual([])
})

type Schema = {
  readonly properties?: Record<string, Schema>
  readonly items?: Schema
  readonly anyOf?: unknown
  readonly description?: string
}

describe('docs/config.schema.json', () => {
  const validate = new Ajv2020({ strict: false }).compile(json('config.schema.json'))
  const example = readFileSync(new URL('../../../../pullgate.example.yaml', import.meta.url), 'utf8')

  test('accepts the example, which points editors to it', () => {
    validate(parse(example))
    expect(validate.errors ?? []).toEqual([])
    expect(example).toContain('# yaml-language-server: $schema=./docs/config.schema.json\n')
  })

  test('refuses an unknown key and a wrong word', () => {
    expect(validate({ ...parse(example), tpoic: {} })).toBe(false)
    expect(validate({ ...parse(example), policy: { balance_basis: 'gross', paid_instalments: 'omit' } })).toBe(false)
  })

  test('tells what each key means', () => {
    const missing: string[] = []
    const walk = (schema: Schema, path: string): void => {
      const isLeaf = !schema.properties && !schema.items?.properties
      if (isLeaf && path !== '' && !schema.description && !schema.items?.description && !schema.anyOf)
        missing.push(path)
      for (const [key, value] of Object.entries(schema.properties ?? schema.items?.properties ?? {}))
        walk(value, `${path}/${key}`)
    }
    walk(json<Schema>('config.schema.json'), '')
    expect(missing).toEqual([])
  })
})

test('each partition vector is an identifier, its bytes, and where kafkajs puts them', () => {
  const partitioner = Partitioners.DefaultPartitioner()
  const { vectors } = json<{
    readonly vectors: readonly { identifier: string; utf8: string; partitions: Record<string, number> }[]
  }>('publishing/partition-vectors.json')
  for (const { identifier, utf8, partitions } of vectors) {
    expect(parseStudentId(identifier)).toBe(identifier)
    expect(Buffer.from(utf8, 'hex').toString()).toBe(identifier)
    for (const [count, partition] of Object.entries(partitions)) {
      const partitionMetadata = Array.from({ length: Number(count) }, (_, partitionId) => ({
        ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [], isr: [] },
      }))
      const message = { key: Buffer.from(utf8, 'hex'), value: null }
      expect(partitioner({ topic: 't', partitionMetadata, message }), identifier).toBe(partition)
    }
  }
})
