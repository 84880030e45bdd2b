import type { EventProblem } from '../../consumers/events/validate.ts'
import type { Header } from '../../consumers/ports/log.ts'
import { percentDecoded } from '../http/form.ts'

const ATTRIBUTE = /^ce-([a-z0-9]+)$/

/** Older senders quote a value with spaces. */
const unquoted = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1')
    : value

export type BinaryHeaders = { readonly headers: readonly Header[]; readonly problems: readonly EventProblem[] }

/** `ce-` headers of an HTTP request → `ce_` headers of a record: one round of unquoting and of percent-decoding. */
export const binaryHeaders = (rawHeaders: readonly string[], contentType: string | undefined): BinaryHeaders => {
  const found = new Map<string, Uint8Array>()
  const problems: EventProblem[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = ATTRIBUTE.exec(rawHeaders[i]!.toLowerCase())?.[1]
    if (name === undefined) continue
    if (found.has(name)) problems.push({ pointer: `/${name}`, message: 'is given more than once' })
    found.set(name, percentDecoded(unquoted(rawHeaders[i + 1]!.trim())))
  }
  const headers: Header[] = [['content-type', Buffer.from(contentType ?? 'application/json')]]
  for (const [name, value] of found) headers.push([`ce_${name}`, value])
  return { headers, problems }
}
