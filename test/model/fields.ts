import { isRealDate } from './clock.ts'
import { field, isObject, type Json, type JsonObject } from './json.ts'
import { readPercent, readRupees } from './money.ts'

/** Data that breaks a rule. The text is for whoever reads a failing test. */
export class Invalid extends Error {}

export const fail = (name: string, rule: string): never => {
  throw new Invalid(`${name}: ${rule}`)
}

const isText = (value: Json | undefined, least: number, most: number): value is string => {
  if (typeof value !== 'string' || !value.isWellFormed()) return false
  const characters = [...value].length
  return characters >= least && characters <= most
}

/** Ids, codes, years and phone numbers: 1–128 characters, or an integer that becomes its decimal text. */
export const asCode = (value: Json | undefined): string | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return isText(value, 1, 128) ? value : null
}

/** A student's identifier is a code without control characters. */
export const asIdentifier = (value: Json | undefined): string | null => {
  const code = asCode(value)
  return code !== null && !/\p{Cc}/u.test(code) ? code : null
}

/** The envelope's `id` and `source`. */
export const asName = (value: Json | undefined): string | null => (isText(value, 1, 256) ? value : null)

export const optional = <T>(
  read: (object: JsonObject, name: string) => T,
  object: JsonObject,
  name: string,
): T | null => (field(object, name) === undefined ? null : read(object, name))

export const code = (object: JsonObject, name: string): string =>
  asCode(field(object, name)) ?? fail(name, 'must be 1–128 characters or an integer')

export const text = (object: JsonObject, name: string): string => {
  const value = field(object, name)
  return isText(value, 0, 512) ? value : fail(name, 'must be text of at most 512 characters')
}

export const flag = (object: JsonObject, name: string): boolean => {
  const value = field(object, name)
  return typeof value === 'boolean' ? value : fail(name, 'must be true or false')
}

export const date = (object: JsonObject, name: string): string => {
  const value = field(object, name)
  return typeof value === 'string' && isRealDate(value) ? value : fail(name, 'must be a real date')
}

export const rupees = (object: JsonObject, name: string): bigint =>
  readRupees(field(object, name)) ?? fail(name, 'must be an amount')

export const percent = (object: JsonObject, name: string): bigint =>
  readPercent(field(object, name)) ?? fail(name, 'must be a percent')

export const record = (object: JsonObject, name: string): JsonObject => {
  const value = field(object, name)
  return isObject(value) ? value : fail(name, 'must be an object')
}

export const oneOf = <T extends string>(object: JsonObject, name: string, words: readonly T[]): T =>
  words.find((word) => word === field(object, name)) ?? fail(name, `must be one of ${words}`)

export const list = <T>(object: JsonObject, name: string, read: (item: JsonObject) => T, least = 0): T[] => {
  const value = field(object, name)
  if (!Array.isArray(value) || value.length < least) return fail(name, `must be a list of at least ${least}`)
  return value.map((item: Json) => (isObject(item) ? read(item) : fail(name, 'must hold objects')))
}

export const unique = (name: string, values: readonly (string | null)[]): void => {
  const given = values.filter((value) => value !== null)
  if (new Set(given).size !== given.length) fail(name, 'must be unique')
}

export const must = (holds: boolean, name: string, rule: string): void => {
  if (!holds) fail(name, rule)
}
