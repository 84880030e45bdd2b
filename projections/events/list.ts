import { z } from 'zod'

/**
 * Lists in zod's way, at a bounded cost. Zod's own array reads every element and keeps every problem: 1 MiB of empty
 * objects took 16 s as enrolments, and overflowed the stack as details. This list looks at its length first, and reads no
 * further element after a hundred problems. Nested lists stop by themselves, each at its own hundredth.
 */
export const MAX_PROBLEMS = 100

type Rules = {
  readonly least?: 1
  readonly most?: number
  /** No two items bear the same key; `field` names what repeats. */
  readonly unique?: { readonly field: string; readonly key: (item: object) => unknown }
}

type ListInternals<T extends z.ZodType> = z.core.$ZodTypeInternals<z.output<T>[], z.input<T>[]> & {
  readonly def: z.core.$ZodTypeDef & { readonly element: T; readonly rules: Rules }
}

type Issue = z.core.$ZodRawIssue

const List = z.core.$constructor<z.ZodType<unknown[], unknown[], ListInternals<z.ZodType>>>('List', (inst, def) => {
  z.ZodType.init(inst, def)
  const { element, rules } = def
  const shown = shownOf(element, rules)
  inst._zod.processJSONSchema = (...context) => shown._zod.processJSONSchema!(...context)
  inst._zod.parse = (payload, context) => {
    const input: unknown = payload.value
    if (!Array.isArray(input)) {
      payload.issues.push({ code: 'invalid_type', expected: 'array', input, inst })
      return payload
    }
    const found: Issue[] = []
    const tell = (message: string, path: PropertyKey[]): void => {
      found.push({ code: 'custom', message, path, input, inst })
    }
    const wrongLength = lengthProblem(input.length, rules)
    if (wrongLength !== null) tell(wrongLength, [])
    else {
      const items = readItems(input, (item) => element._zod.run({ value: item, issues: [] }, context), found)
      if (rules.unique) tellRepeated(items, rules.unique, found, tell)
      payload.value = items
    }
    for (const issue of found.slice(0, MAX_PROBLEMS)) payload.issues.push(issue)
    return payload
  }
})

/** What a published JSON Schema says of the list. */
const shownOf = (element: z.ZodType, { least, most }: Rules): z.ZodArray => {
  const atLeast = least === undefined ? z.array(element) : z.array(element).min(least)
  return most === undefined ? atLeast : atLeast.max(most)
}

const lengthProblem = (length: number, { least, most = length }: Rules): string | null => {
  if (least !== undefined && length < least) return 'must not be empty'
  return length > most ? `must be at most ${most}` : null
}

const readItems = (
  input: readonly unknown[],
  read: (item: unknown) => z.core.util.MaybeAsync<z.core.ParsePayload>,
  found: Issue[],
): unknown[] => {
  const items: unknown[] = []
  for (let index = 0; index < input.length && found.length < MAX_PROBLEMS; index += 1) {
    const result = read(input[index])
    if (result instanceof Promise) throw new z.core.$ZodAsyncError()
    for (const issue of result.issues) found.push({ ...issue, path: [index, ...(issue.path ?? [])] })
    items.push(result.value)
  }
  return items
}

const tellRepeated = (
  items: readonly unknown[],
  { field, key }: NonNullable<Rules['unique']>,
  found: readonly Issue[],
  tell: (message: string, path: PropertyKey[]) => void,
): void => {
  const seen = new Set<string>()
  for (let index = 0; index < items.length && found.length < MAX_PROBLEMS; index += 1) {
    const item = items[index]
    const value = item !== null && typeof item === 'object' ? key(item) : undefined
    if (typeof value !== 'string') continue
    if (seen.has(value)) tell('stands in the list twice', [index, field])
    seen.add(value)
  }
}

export const listOf = <T extends z.ZodType>(element: T, rules: Rules = {}): z.ZodType<z.output<T>[], z.input<T>[]> =>
  new List({ type: 'custom', element, rules }) as unknown as z.ZodType<z.output<T>[], z.input<T>[]>

/** A list whose items differ in the field that names them. */
export const keyedList = <T extends z.ZodType>(element: T, field: string, least?: 1) =>
  listOf(element, {
    ...(least && { least }),
    unique: { field, key: (item) => (item as Readonly<Record<string, unknown>>)[field] },
  })
