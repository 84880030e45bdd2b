/**
 * Splits a JSON list into slices of its bytes, so that the published bytes equal the sent bytes. Only brackets, strings
 * and commas are read here; each element's parser decides whether it is JSON. The list is valid JSON exactly if it can
 * be split and all elements are valid.
 */
export type Split =
  | { readonly kind: 'elements'; readonly elements: readonly Buffer[] }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'not_a_list' }

const NOT_A_LIST: Split = { kind: 'not_a_list' }

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** The index after a string's closing quote, or −1 where the quote is missing. */
const afterString = (bytes: Buffer, from: number): number => {
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i += 1
    else if (bytes[i] === QUOTE) return i + 1
  }
  return -1
}

const trimmed = (bytes: Buffer, from: number, to: number): Buffer => {
  let [start, end] = [from, to]
  while (start < end && isSpace(bytes[start])) start += 1
  while (end > start && isSpace(bytes[end - 1])) end -= 1
  return bytes.subarray(start, end)
}

export const splitBatch = (body: Buffer, most: number): Split => {
  const bytes = trimmed(body, 0, body.length)
  if (bytes[0] !== OPEN_LIST) return NOT_A_LIST
  const elements: Buffer[] = []
  let depth = 0
  let start = 1
  let i = 1
  while (i < bytes.length) {
    const byte = bytes[i]!
    if (byte === QUOTE) {
      i = afterString(bytes, i + 1)
      if (i === -1) return NOT_A_LIST
      continue
    }
    const ends = depth === 0 && (byte === COMMA || byte === CLOSE_LIST)
    if (ends) {
      const element = trimmed(bytes, start, i)
      const isEmptyList = byte === CLOSE_LIST && elements.length === 0 && element.length === 0
      if (!isEmptyList) elements.push(element)
      if (elements.length > most) return { kind: 'too_many' }
      if (byte === CLOSE_LIST) return i === bytes.length - 1 ? { kind: 'elements', elements } : NOT_A_LIST
      start = i + 1
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
    if (depth < 0) return NOT_A_LIST
    i += 1
  }
  return NOT_A_LIST
}
