import { isUtf8 } from 'node:buffer'

const hex = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Decodes percent-encoded Latin-1 to bytes; a `%` without a valid escape stands for itself, as in HTML forms. */
export const percentDecoded = (text: string): Buffer => {
  const bytes = Buffer.alloc(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const high = code === 37 ? hex(text.charCodeAt(i + 1)) : -1
    const low = high === -1 ? -1 : hex(text.charCodeAt(i + 2))
    bytes[length++] = low === -1 ? code : high * 16 + low
    if (low !== -1) i += 2
  }
  return bytes.subarray(0, length)
}

export type DecodedForm =
  | { readonly kind: 'text'; readonly text: string }
  /** The bytes are UTF-8, but a `%` is not followed by two hex digits. */
  | { readonly kind: 'garbled'; readonly text: string }
  | { readonly kind: 'not_utf8' }

/** One name or value of a query, decoded as a form: `+` is a space. A byte order mark is kept: identifiers are bytes. */
export const decodeFormText = (encoded: string): DecodedForm => {
  const text = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded
  if (!text.includes('%')) return { kind: 'text', text }
  try {
    return { kind: 'text', text: decodeURIComponent(text) }
  } catch {
    const bytes = percentDecoded(text)
    return isUtf8(bytes) ? { kind: 'garbled', text: bytes.toString('utf8') } : { kind: 'not_utf8' }
  }
}
