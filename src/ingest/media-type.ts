import type { IncomingHttpHeaders } from 'node:http'
import { ATTRIBUTES } from '../../consumers/events/envelope.ts'

/** The three content modes of CloudEvents over HTTP. */
export type Mode = 'structured' | 'batch' | 'binary'

const hasEventHeaders = (headers: IncomingHttpHeaders): boolean =>
  ATTRIBUTES.some((name) => headers[`ce-${name}`] !== undefined)

/** JSON is UTF-8; a different charset label is taken at its word. */
const isUtf8 = (parameters: readonly string[]): boolean =>
  parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=', 2)
    return name.trim().toLowerCase() !== 'charset' || /^"?utf-?8"?$/i.test(value.trim())
  })

const isJson = (type: string): boolean => type === BINARY || /^[^/]+\/[^/]+\+json$/.test(type)

export const STRUCTURED = 'application/cloudevents+json'
export const BATCH = 'application/cloudevents-batch+json'
/** Or any other JSON type: the event's data, with the attributes in `ce-` headers. */
export const BINARY = 'application/json'

/**
 * The media types a sender may use. A signature covers only the body, so signed senders may not put attributes in
 * headers.
 */
export const mediaTypes = (isSigned: boolean): readonly string[] =>
  isSigned ? [STRUCTURED, BATCH] : [STRUCTURED, BATCH, BINARY]

/** `null`: the media type or content coding is not accepted. */
export const modeOf = (headers: IncomingHttpHeaders, taken: readonly string[]): Mode | null => {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (coding !== '' && coding !== 'identity') return null
  const [name = '', ...parameters] = (headers['content-type'] ?? '').split(';')
  const type = name.trim().toLowerCase()
  if (!isUtf8(parameters)) return null
  if (type === STRUCTURED) return 'structured'
  if (type === BATCH) return 'batch'
  if (!taken.includes(BINARY) || type.startsWith('application/cloudevents') || !hasEventHeaders(headers)) return null
  return type === '' || isJson(type) ? 'binary' : null
}
