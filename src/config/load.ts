import { answersProblems } from './answers-problems.ts'
import { type Environment, parseEnvironment } from './environment.ts'
import { duplicateProblems, issueProblems, loginProblems } from './file-problems.ts'
import type { Problem } from './problems.ts'
import { type FileConfig, fileSchema } from './schema.ts'
import type { SecretSources } from './secrets.ts'
import { parseYaml } from './yaml.ts'

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** Frozen. Secrets are resolved in it: it is never logged. */
export type Config = DeepReadonly<FileConfig & Environment>
export type ErpConfig = NonNullable<Config['erp']>
export type ClientConfig = Config['clients'][number]

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const deepFreeze = <T extends object>(value: T): T => {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}

const readText = (file: string, sources: SecretSources): string | Problem => {
  try {
    return sources.readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    if (code === ' (ENOENT)')
      return {
        path: '',
        message: `no configuration: ${file} does not exist (ENOENT); "pullgate init" writes a first one`,
      }
    return { path: '', message: `cannot read the configuration file ${file}${code}` }
  }
}

const timingProblems = (config: FileConfig): readonly Problem[] =>
  config.freshness.wait_ms >= config.pull.deadline_ms
    ? [{ path: 'freshness.wait_ms', message: 'not less than pull.deadline_ms: nobody would get an answer' }]
    : []

/** Which file to read: `--config`, else `PULLGATE_CONFIG`, else `pullgate.yaml`. */
export const configFile = (option: string | undefined, env: SecretSources['env']): string =>
  option ?? (env['PULLGATE_CONFIG'] || 'pullgate.yaml')

/** Reads file and environment, resolves secrets, and tells everything that is wrong at once. */
export const loadConfig = (options: SecretSources & { readonly file: string }): LoadResult => {
  const problems: Problem[] = []
  const environment = parseEnvironment(options, problems)
  const text = readText(options.file, options)
  if (typeof text !== 'string') return { ok: false, problems: [text, ...problems] }
  const yaml = parseYaml(text)
  if (!yaml.ok) return { ok: false, problems: [...yaml.problems, ...problems] }
  const schema = fileSchema(options)
  const parsed = schema.safeParse(yaml.value ?? {})
  const all = [
    ...yaml.problems,
    ...(parsed.success ? timingProblems(parsed.data) : issueProblems(schema, parsed.error.issues)),
    ...loginProblems(yaml.value),
    ...duplicateProblems(yaml.value),
    ...answersProblems(yaml.value, options),
    ...problems,
  ]
  if (!parsed.success || all.length > 0) return { ok: false, problems: all }
  return {
    ok: true,
    config: deepFreeze({ ...parsed.data, ...environment, http: { ...parsed.data.http, ...environment.http } }),
  }
}
