import { z } from 'zod'
import { fileSchema } from '../config/schema.ts'

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  description?: string
}

/** What docs/configuration.md says of each key. */
const meanings = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/^\| `([^`]+)` \| (?:required|–|`[^`]+`) \| (.+) \|$/gm)].map(([, key, text]) => [key!, text!]),
  )

/** Without its Markdown. */
const plain = (text: string): string => text.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')

const describe = (schema: Schema, path: string, told: ReadonlyMap<string, string>): void => {
  const meaning = told.get(path.replace('branches[].erp.', 'erp.'))
  if (meaning !== undefined) schema.description = plain(meaning)
  for (const [key, value] of Object.entries(schema.properties ?? {}))
    describe(value, path === '' ? key : `${path}.${key}`, told)
  if (schema.items) describe(schema.items, `${path}[]`, told)
  for (const one of schema.anyOf ?? []) if (one.items) describe(one.items, `${path}[]`, told)
}

/** The YAML file's JSON Schema for editors: the very schema that reads it, with the words of its reference. */
export const configSchema = (reference: string): object => {
  const schema = z.toJSONSchema(fileSchema({ env: {}, readFile: () => '' }), { io: 'input', unrepresentable: 'any' })
  describe(schema as Schema, '', meanings(reference))
  return { title: 'Pullgate’s configuration', ...schema }
}
