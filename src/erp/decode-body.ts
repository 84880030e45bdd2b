import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { ResponseHeaders } from './exchange.ts'

type DecodedBody =
  | { readonly kind: 'decoded'; readonly body: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'undecodable'; readonly detail: string }

/** `Content-Encoding` without `identity`, which has no effect. */
const codings = (headers: ResponseHeaders): readonly string[] =>
  [headers['content-encoding'] ?? []]
    .flat()
    .join(',')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')

/** Some servers send `deflate` without the zlib header of the standard. */
const inflate = (body: Uint8Array, maxOutputLength: number): Buffer =>
  ((body[0] ?? 0) & 0x0f) === 8 && ((body[0]! << 8) | (body[1] ?? 0)) % 31 === 0
    ? inflateSync(body, { maxOutputLength })
    : inflateRawSync(body, { maxOutputLength })

/**
 * Requests ask for uncompressed answers, but some proxies compress them. Decoding stops as soon as the output exceeds
 * `maxBytes`.
 */
export const decodeBody = (headers: ResponseHeaders, body: Uint8Array, maxBytes: number): DecodedBody => {
  const [coding, ...more] = codings(headers)
  if (coding === undefined) return { kind: 'decoded', body }
  if (more.length > 0) return { kind: 'undecodable', detail: 'more than one content-encoding' }
  try {
    if (coding === 'gzip' || coding === 'x-gzip')
      return { kind: 'decoded', body: gunzipSync(body, { maxOutputLength: maxBytes }) }
    if (coding === 'deflate') return { kind: 'decoded', body: inflate(body, maxBytes) }
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return isTooLarge ? { kind: 'too_large' } : { kind: 'undecodable', detail: `not ${coding}, as it claims` }
  }
  return { kind: 'undecodable', detail: 'a content-encoding other than gzip and deflate' }
}
