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

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const plain = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** The known key that was probably meant: at most a third of its letters away. */
export const closestKey = (key: string, known: readonly string[]): string | undefined => {
  let best: { readonly name: string; readonly away: number } | undefined
  for (const name of known) {
    const away = key.length > 64 ? Number.POSITIVE_INFINITY : distance(plain(key), plain(name))
    if (away <= Math.max(1, Math.floor(name.length / 3)) && (best === undefined || away < best.away)) {
      best = { name, away }
    }
  }
  return best?.name
}
