import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { bytesOf, type FakeAnswer, studentBody } from './fake-erp-students.ts'

/** What the fake ERP does with a call. `refuse` closes its port and is done by the server itself. */
export type Behaviour =
  | { readonly kind: 'ok' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'hang' }
  /** Head at once, then a byte every so often, never to an end. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'refuse' }
  | {
      readonly kind: 'status'
      readonly code: number
      readonly retryAfter?: string
      readonly body?: string
      readonly afterMs?: number
    }
  | { readonly kind: 'redirect'; readonly to?: string }
  /** `declared`: says how much would come and sends a byte of it; else bytes without end. */
  | { readonly kind: 'too-large'; readonly declared?: boolean; readonly status?: number }
  /** `http`: a web page with status 200; `raw`: what is no HTTP at all. */
  | { readonly kind: 'garbage'; readonly of?: 'http' | 'raw' }
  | { readonly kind: 'wrong-student' }
  | { readonly kind: 'invalid-body' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'gzip' }
  | { readonly kind: 'content-type'; readonly value: string }
  /** 200 with exactly these bytes. */
  | { readonly kind: 'bytes'; readonly body: Uint8Array | string; readonly status?: number }

const json = 'application/json; charset=utf-8'

const send = (res: ServerResponse, status: number, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  void res.writeHead(status, { 'content-type': json, 'content-length': Buffer.byteLength(body), ...headers }).end(body)

/** Answers one call. `later` makes timers that end with the server. */
export const perform = (
  behaviour: Exclude<Behaviour, { kind: 'refuse' }>,
  res: ServerResponse,
  answer: FakeAnswer,
  later: (ms: number, action: () => void) => void,
): void => {
  const bytes = bytesOf(answer)
  switch (behaviour.kind) {
    case 'ok':
      return send(res, answer.status, bytes)
    case 'slow':
      return later(behaviour.ms, () => send(res, answer.status, bytes))
    case 'hang':
      return
    case 'drip': {
      res.writeHead(200, { 'content-type': json })
      const drop = () => {
        if (res.destroyed) return
        res.write(' ')
        later(behaviour.everyMs, drop)
      }
      return drop()
    }
    case 'reset':
      return void res.socket?.resetAndDestroy()
    case 'status': {
      const { code, retryAfter, body = 'unwell', afterMs } = behaviour
      const say = () => send(res, code, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
      return afterMs === undefined ? say() : later(afterMs, say)
    }
    case 'redirect':
      return send(res, 302, '', { location: behaviour.to ?? '/login' })
    case 'too-large':
      return flood(res, behaviour.status ?? 200, behaviour.declared ?? false)
    case 'garbage':
      if (behaviour.of === 'raw') return void res.socket?.end('220 mail.example.edu ESMTP\r\n')
      return send(res, 200, '<html><body>Down for maintenance</body></html>', { 'content-type': 'text/html' })
    case 'wrong-student':
      return send(res, 200, JSON.stringify(studentBody({ identifier: 'somebody-else' })))
    case 'invalid-body':
      return send(res, 200, JSON.stringify({ ...studentBody({ identifier: 'x' }), data: { student: {} } }))
    case 'truncated':
      res.writeHead(answer.status, { 'content-type': json, 'content-length': bytes.length })
      return void res.write(bytes.subarray(0, bytes.length >> 1), () => res.socket?.destroy())
    case 'gzip':
      return send(res, answer.status, gzipSync(bytes), { 'content-encoding': 'gzip' })
    case 'content-type':
      return send(res, answer.status, bytes, { 'content-type': behaviour.value })
    case 'bytes':
      return send(res, behaviour.status ?? 200, behaviour.body)
  }
}

const flood = (res: ServerResponse, status: number, declared: boolean): void => {
  const block = Buffer.alloc(65_536, ' ')
  res.writeHead(status, { 'content-type': json, ...(declared && { 'content-length': 1_048_577 }) })
  const pour = () => {
    while (!res.destroyed) if (!res.write(block)) return void res.once('drain', pour)
  }
  if (declared) res.write(' ')
  else pour()
}
