import type { IncomingHttpHeaders } from 'node:http'
import { ATTRIBUTES } from '../../consumers/events/envelope.ts'

/** The three content modes of CloudEvents over HTTP. */
export type Mode = 'structured' | 'batch' | 'binary'

const hasEventHeaders = (headers: IncomingHttpHeaders): boolean =>
  ATTRIBUTES.some((name) => headers[`ce-${name}`] !== undefined)

/** JSON is UTF-8; a label that says otherwise is believed. */
const isUtf8 = (parameters: readonly string[]): boolean =>
  parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=', 2)
    return name.trim().toLowerCase() !== 'charset' || /^"?utf-?8"?$/i.test(value.trim())
  })

const isJson = (type: string): boolean => type === 'application/json' || /^[^/]+\/[^/]+\+json$/.test(type)

/** `null`: a media type, or a content coding, that bears no events. Binary mode is JSON data beside `ce-` headers. */
export const modeOf = (headers: IncomingHttpHeaders): Mode | null => {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (coding !== '' && coding !== 'identity') return null
  const [name = '', ...parameters] = (headers['content-type'] ?? '').split(';')
  const type = name.trim().toLowerCase()
  if (!isUtf8(parameters)) return null
  if (type === 'application/cloudevents+json') return 'structured'
  if (type === 'application/cloudevents-batch+json') return 'batch'
  if (type.startsWith('application/cloudevents') || !hasEventHeaders(headers)) return null
  return type === '' || isJson(type) ? 'binary' : null
}
