import type { Outcome } from '../model/types.ts'

/**
 * A record that nobody would send on purpose. `student` is whom it may harm (null: nobody), and whom `setUp` prepares.
 * `expect` is its first outcome for a prepared student; `any` where the rules leave it open: then it must only do no harm
 * to anybody else.
 */
export type HostileInput = {
  readonly name: string
  readonly student: string | null
  readonly headers: readonly (readonly [string, Buffer])[]
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly expect: Outcome | 'any'
}

/** A field set to this is not there at all. */
export const ABSENT = Symbol('absent')
/** A field whose value is this JSON text, as no JSON value could write it. */
type Verbatim = { readonly verbatim: string }
export const verbatim = (text: string): Verbatim => ({ verbatim: text })

const isVerbatim = (value: unknown): value is Verbatim =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'verbatim')

export const toJson = (value: unknown): string => {
  if (isVerbatim(value)) return value.verbatim
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, inner]) => inner !== ABSENT && inner !== undefined)
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner)}`).join(',')}}`
}

/** A value in the name of an input. */
export const named = (value: unknown): string => (value === ABSENT ? 'absent' : toJson(value)).slice(0, 50)

export const place = (identifier: unknown) => ({
  identifier,
  grade: '5',
  academic_year_start: '2026',
  academic_year_end: '2027',
})

export const profile = {
  fullname: 'Asha Rao',
  new_admission: false,
  primary_contact_name: 'Ravi Rao',
  primary_contact_number: '9800000001',
  primary_contact_email: 'ravi@example.org',
}

export const envelope = (student: string, type: string, data: object, attributes: object = {}): object => ({
  specversion: '1.0',
  id: `hostile ${student}`,
  source: '/erp/hostile',
  type,
  time: '2026-06-01T10:00:00Z',
  data: { student: place(student), ...data },
  ...attributes,
})

/** The two records that make a student known, active and assessed before its hostile input comes. */
export const setUp = (student: string): readonly Pick<HostileInput, 'headers' | 'key' | 'value'>[] =>
  [
    envelope(student, 'erp.student.enrolled.v1', profile, { id: 'a', source: '/erp/calm' }),
    envelope(student, 'erp.fees.assessed.v1', { fee_components: [] }, { id: 'b', source: '/erp/calm' }),
  ].map((event) => ({ headers: [], key: Buffer.from(student), value: Buffer.from(toJson(event)) }))

/** Collects inputs, each about a student of its own. */
export type Corpus = {
  readonly inputs: HostileInput[]
  /** A bare event of a type with this data; attributes may be changed too. */
  readonly event: (
    expect: HostileInput['expect'],
    name: string,
    type: string,
    data: object,
    attributes?: object,
  ) => void
  readonly raw: (expect: HostileInput['expect'], name: string, value: Buffer | string) => void
  readonly add: (input: Omit<HostileInput, 'student' | 'key'>) => void
}

export const corpusOf = (prefix: string): Corpus => {
  const inputs: HostileInput[] = []
  const next = () => `${prefix}-${inputs.length}`
  const add: Corpus['add'] = (input) => {
    const student = next()
    inputs.push({ ...input, student, key: Buffer.from(student) })
  }
  const raw: Corpus['raw'] = (expect, name, value) =>
    add({ name, headers: [], value: Buffer.from(value as string), expect })
  return {
    inputs,
    add,
    raw,
    event: (expect, name, type, data, attributes) =>
      raw(expect, name, toJson(envelope(next(), type, data, attributes))),
  }
}
