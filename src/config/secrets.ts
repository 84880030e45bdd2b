/** Where secrets come from; arguments, so that tests need neither files nor an environment. */
export type SecretSources = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The file's text; throws like `fs.readFileSync`. */
  readonly readFile: (path: string) => string
}

export type Resolved = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly message: string }

const fail = (message: string): Resolved => ({ ok: false, message })

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable'

/** A file's text without one last newline: editors and `kubectl create secret` disagree about it. */
export const readSecretFile = (path: string, sources: SecretSources): Resolved => {
  let text: string
  try {
    text = sources.readFile(path)
  } catch (error) {
    return fail(`cannot read the file ${path} (${errorCode(error)})`)
  }
  const value = text.replace(/\r?\n$/, '')
  return value === '' ? fail(`the file ${path} is empty`) : { ok: true, value }
}

/** Whether the text names a secret (`env:…`, `file:…`) rather than being one. */
export const isReference = (text: string): boolean => text.startsWith('env:') || text.startsWith('file:')

/** Resolves `env:NAME` and `file:/path`. The text is never repeated in a message unless it is such a reference. */
export const resolveSecret = (text: string, sources: SecretSources): Resolved => {
  if (text.startsWith('env:')) {
    const name = text.slice('env:'.length)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return fail('env: needs the name of an environment variable')
    const value = sources.env[name]
    return value === undefined || value === ''
      ? fail(`the environment variable ${name} is not set`)
      : { ok: true, value }
  }
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length)
    return path.startsWith('/') ? readSecretFile(path, sources) : fail('file: needs an absolute path')
  }
  return fail('a secret does not belong here: name it with env:NAME or file:/path')
}
