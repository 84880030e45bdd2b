/** Splits at a separator outside quoted strings. */
const split = (text: string, separator: ',' | ';'): readonly string[] => {
  if (!text.includes('"')) return text.split(separator)
  const parts: string[] = []
  let quoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') quoted = !quoted
    else if (quoted && character === '\\') i++
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** 3 for JSON itself, 2 for any application type, 1 for any type (`*` is Java's old form), 0 for other types. */
const specificity = (type: string): number => {
  if (type === 'application/json') return 3
  if (type === 'application/*') return 2
  return type === '*/*' || type === '*' ? 1 : 0
}

const QUALITY = /^\s*q\s*=\s*(\d?(?:\.\d*)?)\s*$/i

/** A range with an unreadable q counts as wanted. */
const isWanted = (parameters: readonly string[]): boolean => {
  const q = parameters.map((parameter) => QUALITY.exec(parameter)?.[1]).find((found) => found !== undefined)
  return q === undefined || q === '' || Number(q) !== 0
}

/** Whether the answer may be `application/json`: the most specific range that covers it decides, by a q above 0. */
export const acceptsJson = (accept: string | undefined): boolean => {
  if (accept === undefined || accept === '*/*' || accept === 'application/json' || accept.trim() === '') return true
  let best = 0
  let allowed = false
  for (const range of split(accept, ',')) {
    const [type = '', ...parameters] = split(range, ';')
    const rank = specificity(type.trim().toLowerCase())
    if (rank === 0 || rank < best) continue
    allowed = isWanted(parameters) || (rank === best && allowed)
    best = rank
  }
  return allowed
}
