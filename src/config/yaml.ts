import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml'
import { formatPath, type Problem } from './problems.ts'

export type ParsedYaml =
  | { readonly ok: true; readonly value: unknown; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const maxBytes = 1_048_576
const maxDepth = 32

const failed = (message: string): ParsedYaml => ({ ok: false, problems: [{ path: '', message }] })

type YamlDocument = ReturnType<typeof parseDocument>

/** The parser's own messages quote the source, which may be a secret: only its code and the place are told. */
const syntaxProblems = (document: YamlDocument, text: string): readonly Problem[] =>
  [...document.errors, ...document.warnings].map((error) => {
    const before = text.slice(0, error.pos[0]).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    return { path: '', message: `not valid YAML: ${error.code.toLowerCase().replaceAll('_', ' ')} at ${place}` }
  })

/**
 * Finds keys that occur twice, with their path, and gives numbers with leading zeros their text back: `collector_code:
 * 007` means the branch "007", which the parser would have made 7.
 */
const inspect = (node: unknown, path: readonly PropertyKey[], problems: Problem[]): void => {
  if (path.length > maxDepth) throw new RangeError('nested too deeply')
  if (isMap(node)) {
    const seen = new Set<string>()
    for (const pair of node.items) {
      const key = String(isScalar(pair.key) ? pair.key.value : pair.key)
      if (seen.has(key)) problems.push({ path: formatPath([...path, key]), message: 'the key is given twice' })
      seen.add(key)
      inspect(pair.value, [...path, key], problems)
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, i) => {
      inspect(item, [...path, i], problems)
    })
  } else if (isScalar(node)) {
    if (typeof node.value === 'number' && node.source !== undefined && /^[-+]?0\d/.test(node.source)) {
      node.value = node.source
    }
  } else if (isAlias(node)) {
    problems.push({ path: formatPath(path), message: 'aliases are not supported: write the value out' })
  } else if (isNode(node)) {
    problems.push({ path: formatPath(path), message: 'not a plain value' })
  }
}

/** YAML 1.2, one document, text keys, no aliases (nor bombs made of them), no tags. */
export const parseYaml = (text: string): ParsedYaml => {
  if (Buffer.byteLength(text) > maxBytes) return failed(`larger than ${maxBytes} bytes`)
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
    })
    const syntax = syntaxProblems(document, text)
    if (syntax.length > 0) return { ok: false, problems: syntax }
    const problems: Problem[] = []
    inspect(document.contents, [], problems)
    if (problems.some((problem) => problem.message.startsWith('aliases'))) return { ok: false, problems }
    return { ok: true, value: document.toJS({ maxAliasCount: 0 }), problems }
  } catch (error) {
    if (error instanceof RangeError) return failed('not valid YAML: nested too deeply')
    throw error
  }
}
