import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = { readonly stringValue?: string; readonly intValue?: string | number; readonly boolValue?: boolean }
type Pairs = readonly { readonly key: string; readonly value: Value }[]
type WireSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: Pairs
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
}

export type ReceivedSpan = Pick<WireSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'name'> & {
  readonly service: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: NonNullable<WireSpan['links']>
  readonly durationMs: number
}

/** A collector of OTLP over HTTP, in JSON, that keeps what it gets. */
export type OtlpReceiver = {
  readonly endpoint: string
  readonly spans: () => readonly ReceivedSpan[]
  /** Everything that came, as text. */
  readonly text: () => string
  readonly close: () => Promise<void>
}

const plainOf = ({ stringValue, intValue, boolValue }: Value): unknown =>
  stringValue ?? boolValue ?? (intValue === undefined ? undefined : Number(intValue))
const asObject = (pairs: Pairs = []): Record<string, unknown> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, plainOf(value)]))

export const otlpReceiver = async (): Promise<OtlpReceiver> => {
  const received: ReceivedSpan[] = []
  let text = ''
  const take = (body: string): void => {
    text += body
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans as readonly {
      resource: { attributes: Pairs }
      scopeSpans: readonly { spans: readonly WireSpan[] }[]
    }[])
      for (const { attributes, links = [], startTimeUnixNano, endTimeUnixNano, ...span } of scopeSpans.flatMap(
        ({ spans }) => spans,
      ))
        received.push({
          ...span,
          service: String(asObject(resource.attributes)['service.name']),
          attributes: asObject(attributes),
          links,
          durationMs: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6,
        })
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/traces') take(Buffer.concat(chunks).toString())
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => received,
    text: () => text,
    close: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
