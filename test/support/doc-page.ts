import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A page's code blocks, in order. A comment in front of a block says what is special about it:
 * `not run: why` (a reader needs something else for it), `in the background` (it goes on), `file: name` (the reader saves
 * it), and, as often as needed, `prints: text` (what the reader sees).
 */
export type PageBlock =
  | { readonly kind: 'run'; readonly script: string; readonly prints: readonly string[] }
  | { readonly kind: 'background'; readonly script: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'skipped'; readonly why: string }

const BLOCK = /((?:<!-- [^\n]+ -->\n)*)```(\w+)\n([\s\S]*?)```/g

export const pageBlocks = (page: string): readonly PageBlock[] => {
  const text = readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8')
  return [...text.matchAll(BLOCK)].flatMap(([, comments = '', language = '', code = '']): readonly PageBlock[] => {
    const notes = [...comments.matchAll(/<!-- ([^\n]+) -->/g)].map(([, note]) => note!)
    const note = (name: string): string | undefined =>
      notes
        .find((one) => one.startsWith(name))
        ?.slice(name.length)
        .trim()
    const file = note('file:')
    if (file !== undefined) return [{ kind: 'file', name: file, text: code }]
    if (language !== 'sh') return []
    const why = note('not run:')
    if (why !== undefined) return [{ kind: 'skipped', why }]
    if (note('in the background') !== undefined) return [{ kind: 'background', script: code }]
    const prints = notes.filter((one) => one.startsWith('prints:')).map((one) => one.slice('prints:'.length).trim())
    return [{ kind: 'run', script: code, prints }]
  })
}
