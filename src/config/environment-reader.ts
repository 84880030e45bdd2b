import type { Credential } from '../credential.ts'
import type { Problem } from './problems.ts'
import { readSecretFile, type SecretSources } from './secrets.ts'

export type EnvironmentReader = {
  /** `undefined` for an empty variable too. */
  readonly text: (name: string) => string | undefined
  /** The text of the file that the variable names. */
  readonly file: (name: string) => string | undefined
  readonly problem: (path: string, message: string) => undefined
}

export const environmentReader = (sources: SecretSources, problems: Problem[]): EnvironmentReader => {
  const problem = (path: string, message: string): undefined => {
    problems.push({ path, message })
  }
  const text = (name: string) => (sources.env[name] === '' ? undefined : sources.env[name])
  const file = (name: string) => {
    const path = text(name)
    if (path === undefined) return undefined
    const read = readSecretFile(path, sources)
    return read.ok ? read.value : problem(name, read.message)
  }
  return { text, file, problem }
}

export const readChoice = (read: EnvironmentReader, name: string, choices: readonly string[]): string | undefined => {
  const text = read.text(name)
  if (text === undefined || choices.includes(text.toLowerCase())) return text?.toLowerCase()
  return read.problem(name, `expected ${choices.join(' or ')}`)
}

/** `NAME` or `NAME_FILE`, not both. The file must be readable now, and is read again at each use. */
export const readCredentialName = (
  read: EnvironmentReader,
  names: { readonly literal: string; readonly file: string },
): Credential | undefined => {
  const literal = read.text(names.literal)
  const path = read.text(names.file)
  const text = read.file(names.file)
  if (literal !== undefined && path !== undefined)
    return read.problem(names.literal, `${names.file} is set too: only one of them`)
  if (literal !== undefined) return { value: literal }
  return path !== undefined && text !== undefined ? { file: path } : undefined
}
