/** One thing that is wrong with the configuration. Never holds a configured value: any of them may be a secret. */
export type Problem = { readonly path: string; readonly message: string }

/** `['clients', 1, 'secrets', 0]` → `clients[1].secrets[0]`. */
export const formatPath = (path: readonly PropertyKey[]): string => {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`
    else text += `[${JSON.stringify(String(part))}]`
  }
  return text
}

export const formatProblems = (problems: readonly Problem[]): string =>
  problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n')
