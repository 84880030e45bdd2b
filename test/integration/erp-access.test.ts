import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { requestHeaders } from '../../src/erp/access.ts'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import { erpConfig, testClient } from '../support/erp-client.ts'

const NOT_FOUND = JSON.stringify({ status: 'error', message: 'Who?', code: 'student_not_found' })

type Erp = { readonly url: string; readonly seen: IncomingHttpHeaders[]; readonly close: () => Promise<void> }

const open: Erp[] = []
const serve = async (tls?: ServerOptions, reply?: RequestListener): Promise<Erp> => {
  const seen: IncomingHttpHeaders[] = []
  const handle: RequestListener = (req, res) => {
    seen.push(req.headers)
    if (reply) reply(req, res)
    else res.writeHead(422, { 'Content-Type': 'application/json' }).end(NOT_FOUND)
  }
  const server = tls ? createHttps(tls, handle) : createHttp(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/fetch-student`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const erp = { url, seen, close }
  open.push(erp)
  return erp
}

let certificates: Certificates
const pem = (file: string): string => readFileSync(file, 'utf8')

beforeAll(async () => {
  certificates = await makeCertificates()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})
afterAll(() => certificates.close())

const none = { username: undefined, password: undefined }
const ask = async (config: Parameters<typeof testClient>[0], log: object[] = []) => {
  const client = testClient(config, {
    branches: () => ['BLR-01'],
    log: { info: () => {}, error: () => {}, warn: (fields) => log.push(fields) },
  })
  const outcome = await client.ask('S-1')
  await client.close()
  return outcome
}

test('every request asks for JSON that is not compressed', () => {
  expect(requestHeaders(erpConfig('http://erp'))).toEqual([
    ...['accept', 'application/json', 'accept-encoding', 'identity'],
    ...['authorization', `Basic ${Buffer.from('pullgate:pässword:1').toString('base64')}`],
  ])
})

test.each([
  ['a bearer token', { ...none, bearer: 'T-1' }, { authorization: 'Bearer T-1' }],
  ['a key in a header', { ...none, headers: { 'X-Api-Key': 'K-1' } }, { 'x-api-key': 'K-1', authorization: undefined }],
  [
    'a scheme of its own',
    { ...none, headers: { Authorization: 'token key:secret' } },
    { authorization: 'token key:secret' },
  ],
  ['nothing', none, { authorization: undefined }],
  ['a password and a key', { headers: { 'X-Tenant': 't' } }, { 'x-tenant': 't' }],
])('an ERP that wants %s gets it', async (_title, access, headers) => {
  const erp = await serve()
  expect(await ask(erpConfig(erp.url, access))).toMatchObject({ kind: 'answer', status: 422 })
  expect(erp.seen[0]).toMatchObject({ accept: 'application/json', 'accept-encoding': 'identity' })
  for (const [name, value] of Object.entries(headers)) expect(erp.seen[0]?.[name]).toBe(value)
})

const serverTls = (): ServerOptions => ({ cert: pem(certificates.server.cert), key: pem(certificates.server.key) })

test('an ERP whose certificate an authority of its own signed is asked where tls.ca names that', async () => {
  const erp = await serve(serverTls())
  expect(await ask(erpConfig(erp.url, { tls: { ca: pem(certificates.ca) } }))).toMatchObject({ status: 422 })
})

test('without it, the outcome and the log say that the certificate is the reason, with the branch', async () => {
  const erp = await serve(serverTls())
  const log: object[] = []
  const detail = expect.stringMatching(/^its certificate comes without the one that signed it \(UNABLE_TO_VERIFY/)
  expect(await ask(erpConfig(erp.url), log)).toMatchObject({
    cause: 'connection',
    detail,
    mend: expect.stringContaining('tls.ca'),
  })
  expect(log[0]).toEqual({ erp: 'group', branches: ['BLR-01'], detail })
  expect(erp.seen).toEqual([])
})

test('an ERP that wants a client certificate gets the one that tls names', async () => {
  const peers: string[] = []
  const tls = { ...serverTls(), ca: pem(certificates.ca), requestCert: true, rejectUnauthorized: true }
  const erp = await serve(tls, (req, res) => {
    peers.push(String((req.socket as TLSSocket).getPeerCertificate().subject.CN))
    res.writeHead(422).end(NOT_FOUND)
  })
  const ca = pem(certificates.ca)
  const own = { ca, cert: pem(certificates.client.cert), key: pem(certificates.client.key) }
  expect(await ask(erpConfig(erp.url, { tls: own }))).toMatchObject({ status: 422 })
  expect(peers).toEqual(['client'])
  expect(await ask(erpConfig(erp.url, { tls: { ca } }))).toMatchObject({
    cause: 'connection',
    mend: expect.stringContaining('client certificate'),
  })
})

test.each([
  ['http where TLS is spoken', true, 'http'],
  ['https where no TLS is spoken', false, 'https'],
])('%s is said to be that', async (_title, tls, scheme) => {
  const erp = await serve(tls ? serverTls() : undefined)
  const outcome = await ask(erpConfig(erp.url.replace(/^https?/, scheme)))
  expect(outcome).toMatchObject({ cause: 'connection', mend: expect.stringMatching(/http or https|log/) })
})

const compressed =
  (coding: string, body: Buffer): RequestListener =>
  (_req, res) =>
    void res.writeHead(422, { 'Content-Encoding': coding }).end(body)

test.each([
  ['gzip', gzipSync(NOT_FOUND)],
  ['x-gzip', gzipSync(NOT_FOUND)],
  ['deflate', deflateSync(NOT_FOUND)],
  ['deflate', deflateRawSync(NOT_FOUND)],
  ['identity', Buffer.from(NOT_FOUND)],
])('an answer in %s is read all the same, and goes on uncompressed', async (coding, body) => {
  const erp = await serve(undefined, compressed(coding, body))
  const outcome = await ask(erpConfig(erp.url))
  expect(outcome).toMatchObject({ kind: 'answer', status: 422 })
  expect(Buffer.from((outcome as { body: Uint8Array }).body).toString()).toBe(NOT_FOUND)
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(1_048_577, ' ')), 'over 1 MiB'],
  ['deflate', deflateSync(Buffer.alloc(64 * 1_048_576, ' ')), 'over 1 MiB'],
  ['gzip', Buffer.from(NOT_FOUND), 'not gzip, as it claims'],
  ['br', brotliCompressSync(NOT_FOUND), 'a content-encoding other than gzip and deflate'],
  ['gzip, gzip', gzipSync(gzipSync(NOT_FOUND)), 'more than one content-encoding'],
])('a body in %s that cannot be taken is a bad response: %#', async (coding, body, detail) => {
  const erp = await serve(undefined, compressed(coding, body))
  expect(await ask(erpConfig(erp.url))).toEqual({ kind: 'bad_response', detail })
})

test.each([401, 404, 500])('a status %i is logged with its number', async (status) => {
  const erp = await serve(undefined, (_req, res) => void res.writeHead(status).end())
  const log: object[] = []
  expect(await ask(erpConfig(erp.url), log)).toMatchObject({ cause: 'status', detail: `status ${status}` })
  expect(log).toEqual([{ erp: 'group', branches: ['BLR-01'], detail: `status ${status}` }])
})
