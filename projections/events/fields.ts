import { z } from 'zod'
import { parseDate } from '../values/calendar.ts'
import type { IsoDate, Paise, StudentId } from '../values/ids.ts'
import { parsePercent, parseRupees } from '../values/money.ts'

/** The field types that events are made of: what JSON may say, and what the program keeps of it. */

const CONTROL = /\p{Cc}/u

/** Well-formed text of at least `least` and at most `most` code points. */
const isText = (value: unknown, least: number, most: number): value is string => {
  if (typeof value !== 'string' || value.length < least || value.length > most * 2 || !value.isWellFormed())
    return false
  if (value.length <= most) return true
  let count = 0
  for (const _ of value) count += 1
  return count <= most
}

/** An id as JSON may write it, text or a safe integer → its text; `null` where it is none. */
export const parseCode = (value: unknown): string | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : null
  return isText(value, 1, 128) ? value : null
}

export const parseStudentId = (value: unknown): StudentId | null => {
  const text = parseCode(value)
  return text === null || CONTROL.test(text) ? null : (text as StudentId)
}

/** CloudEvents' `id` and `source`. */
export const isAttribute = (value: unknown): value is string => isText(value, 1, 256)

type JsonSchema = Parameters<z.ZodType['meta']>[0]

type ParserInternals<T> = z.core.$ZodTypeInternals<T, unknown> & {
  readonly def: z.core.$ZodTypeDef & { readonly parse: (value: unknown) => T | null; readonly message: string }
}

/** A type of our own in zod's way: its transforms make a closure for each value of each event. */
const Parser = z.core.$constructor<z.ZodType<unknown, unknown, ParserInternals<unknown>>>('Parser', (inst, def) => {
  z.ZodType.init(inst, def)
  inst._zod.parse = (payload) => {
    const { value } = payload
    const result = def.parse(value)
    if (result === null) payload.issues.push({ code: 'custom', message: def.message, input: value, inst })
    // Rules between fields look at what was read, and must not take what could not be for it.
    payload.value = result ?? z.NEVER
    return payload
  }
  inst._zod.processJSONSchema = () => {}
})

/**
 * A zod type with one plain parser and one message; `schema` is its form in the published JSON Schemas. An event is
 * validated in a fraction of the time of a zod union with the parser behind it. The writer of JSON Schemas adds what is
 * required: see projections/events/json-schema.ts.
 */
export const parsed = <T>(schema: JsonSchema, parse: (value: unknown) => T | null, message: string) =>
  new Parser({ type: 'custom', parse, message }).meta(schema) as z.ZodType<T, unknown, ParserInternals<T>>

const SAFE_INTEGER = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
const codeSchema = { anyOf: [{ type: 'string', minLength: 1, maxLength: 128 }, SAFE_INTEGER] }

export const code = parsed(codeSchema, parseCode, 'must be text of 1 to 128 characters, or an integer below 2^53')
export const studentId = parsed(codeSchema, parseStudentId, 'must be 1 to 128 characters without control characters')
export const text = parsed(
  { type: 'string', minLength: 0, maxLength: 512 },
  (value) => (isText(value, 0, 512) ? value : null),
  'must be text of at most 512 characters',
)
export const date = parsed<IsoDate>(
  { type: 'string', format: 'date' },
  parseDate,
  'must be a calendar date that exists, YYYY-MM-DD',
)
export const amount = parsed<Paise>(
  {
    anyOf: [
      { type: 'string', pattern: '^[0-9]+(\\.[0-9]{1,2})?$' },
      { type: 'number', minimum: 0 },
    ],
  },
  parseRupees,
  'must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals',
)
export const percent = parsed<number>(
  {
    anyOf: [
      { type: 'string', pattern: '^[0-9]+(\\.[0-9]{1,4})?$' },
      { type: 'number', minimum: 0, maximum: 100 },
    ],
  },
  parsePercent,
  'must be a percentage, 0 to 100, with at most 4 decimals',
)
export const flag = z.boolean()

type OrElseInternals<T extends z.ZodType, F> = z.core.$ZodTypeInternals<
  z.output<T> | F,
  z.input<T> | null | undefined
> & {
  readonly def: z.core.$ZodTypeDef & { readonly innerType: T; readonly fallback: F }
}

const OrElse = z.core.$constructor<z.ZodType<unknown, unknown, OrElseInternals<z.ZodType, unknown>>>(
  'OrElse',
  (inst, def) => {
    z.ZodType.init(inst, def)
    inst._zod.optin = def.fallback === undefined ? 'optional' : 'defaulted'
    inst._zod.parse = (payload, context) => {
      if (payload.value !== null && payload.value !== undefined) return def.innerType._zod.run(payload, context)
      payload.value = def.fallback
      return payload
    }
    // As zod shows it of its own optional and nullable types.
    inst._zod.processJSONSchema = (...shown) => def.innerType.nullable()._zod.processJSONSchema!(...shown)
  },
)

/** The value for an absent field, and for `null`, which means the same. */
export const orElse = <T extends z.ZodType, F>(type: T, fallback: F) =>
  new OrElse({ type: 'custom', innerType: type, fallback }) as unknown as z.ZodType<
    z.output<T> | F,
    z.input<T> | null | undefined
  >

/** `null` is the same as absent. */
export const optional = <T extends z.ZodType>(type: T) => orElse(type, undefined)

/**
 * For rules between fields: checked in spite of other errors, so that a publisher learns of all errors at once. The
 * values that such a rule reads may then be anything.
 */
export const ALWAYS = {
  when: ({ value }: { readonly value: unknown }): boolean => value !== null && typeof value === 'object',
}
