/**
 * Whether an object anywhere in this text has two members of one name. The text must be valid JSON. Names are compared
 * after their escapes are read.
 */
export const hasDuplicateKey = (json: string): boolean => {
  /** Names of each open object; null for an open list. */
  const open: (Set<string> | null)[] = []
  let at = 0
  while (at < json.length) {
    const character = json[at]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(null)
    else if (character === '}' || character === ']') open.pop()
    if (character !== '"') {
      at += 1
      continue
    }
    const end = endOfText(json, at)
    const names = open.at(-1)
    if (names && isName(json, end)) {
      const name = JSON.parse(json.slice(at, end)) as string
      if (names.has(name)) return true
      names.add(name)
    }
    at = end
  }
  return false
}

/** Where the text that begins at this quotation mark ends, its last mark included. */
const endOfText = (json: string, start: number): number => {
  let at = start + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

/** A name is followed by a colon. */
const isName = (json: string, end: number): boolean => {
  let at = end
  while (at < json.length && ' \t\n\r'.includes(json[at] as string)) at += 1
  return json[at] === ':'
}
