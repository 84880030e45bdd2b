/** Thrown by `canonicalJson` for what is nested too deep to be an honest event. */
export class NestingError extends Error {
  override readonly name = 'NestingError'
}

const MAX_DEPTH = 200

/** JSON by value: object keys sorted by code unit, numbers in their shortest form. Two texts of one value give one string. */
export const canonicalJson = (value: unknown, depth = 0): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (depth >= MAX_DEPTH) throw new NestingError(`nested deeper than ${MAX_DEPTH}`)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  const object = value as Record<string, unknown>
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key], depth + 1)}`)
  return `{${members.join(',')}}`
}
