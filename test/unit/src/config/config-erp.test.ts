import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../../src/config/load.ts'
import { type Certificates, makeCertificates } from '../../../support/certificates.ts'

const POLICY = 'policy: { balance_basis: payable, paid_instalments: zero }'
const ENV = { KEY: 'K-1', TOKEN: 'T-1', PASSWORD: 's3cret', BROKEN: 'a\u0000b', LINES: 'a\nb' }

let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates()
})
afterAll(() => certificates.close())

const load = (erp: string) =>
  loadConfig({
    file: 'pullgate.yaml',
    env: ENV,
    readFile: (path) => {
      if (path === 'pullgate.yaml') return `${POLICY}\nerp: ${erp}`
      return path === '/not-pem' ? 'hello' : readFileSync(path, 'utf8')
    },
  })
const problemsOf = (erp: string): readonly string[] => {
  const result = load(erp)
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)
}
const erpOf = (erp: string) => {
  const result = load(erp)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config.erp
}

test.each([
  ['{ url: "https://erp" }', {}],
  ['{ url: "https://erp", username: u, password: "env:PASSWORD" }', { username: 'u', password: 's3cret' }],
  ['{ url: "https://erp", bearer: "env:TOKEN" }', { bearer: 'T-1' }],
  ['{ url: "https://erp", headers: { X-Api-Key: "env:KEY" } }', { headers: { 'X-Api-Key': 'K-1' } }],
  [
    '{ url: "https://erp", bearer: "env:TOKEN", headers: { X-Tenant: "env:KEY" } }',
    { bearer: 'T-1', headers: { 'X-Tenant': 'K-1' } },
  ],
])('%s is understood', (erp, expected) => {
  const { username, password, bearer, headers, tls } = erpOf(erp)!
  const given = Object.entries({ username, password, bearer, headers, tls }).filter(([, value]) => value !== undefined)
  expect(Object.fromEntries(given)).toEqual(expected)
})

test.each([
  ['username: u', 'erp.password: required with username'],
  ['password: "env:PASSWORD"', 'erp.username: required with password'],
  [
    'username: u, password: "env:PASSWORD", bearer: "env:TOKEN"',
    'erp.bearer: username and password are set too: only one of them',
  ],
  [
    'bearer: "env:TOKEN", headers: { authorization: "env:KEY" }',
    'erp.headers: Authorization is set by username and password, or by bearer',
  ],
  ['headers: { X-Key: "env:KEY", x-key: "env:KEY" }', 'erp.headers: one header twice'],
  ['headers: { X-Key: K-1 }', 'erp.headers.X-Key: a secret does not belong here: name it with env:NAME or file:/path'],
  ['bearer: T-1', 'erp.bearer: a secret does not belong here: name it with env:NAME or file:/path'],
  ['bearer: "env:BROKEN"', 'erp.bearer: not a value that an HTTP header can have'],
  ['headers: { X-Key: "env:LINES" }', 'erp.headers.X-Key: not a value that an HTTP header can have'],
  ['headers: { Host: "env:KEY" }', 'erp.headers.Host: a header that the gateway sets itself'],
  ['headers: { "X Key": "env:KEY" }', 'erp.headers["X Key"]: expected the name of an HTTP header'],
  ['tls: { ca: "file:/not-pem" }', 'erp.tls.ca: expected certificates in PEM'],
  ['tls: { ca: "a literal" }', 'erp.tls.ca: a secret does not belong here: name it with env:NAME or file:/path'],
  ['tls: { authority: "file:/x" }', 'erp.tls.authority: unknown key (known: ca, cert, key)'],
])('%s is a problem', (settings, problem) => {
  expect(problemsOf(`{ url: "https://erp", ${settings} }`)).toEqual([problem])
})

test('certificate and key come together, fit each other, and need https', () => {
  const { client, server, ca } = certificates
  const tls = (text: string, url = 'https://erp') => `{ url: "${url}", tls: { ${text} } }`
  const pair = `cert: "file:${client.cert}", key: "file:${client.key}"`
  expect(problemsOf(tls(`ca: "file:${ca}", ${pair}`))).toEqual([])
  expect(problemsOf(tls(`cert: "file:${client.cert}"`))).toEqual(['erp.tls.key: certificate and key come together'])
  expect(problemsOf(tls(`cert: "file:${client.cert}", key: "file:${server.key}"`))).toEqual([
    'erp.tls.key: not the key of tls.cert',
  ])
  expect(problemsOf(tls(`key: "file:/not-pem", cert: "file:${client.cert}"`))).toEqual([
    'erp.tls.key: expected a private key in PEM',
  ])
  expect(problemsOf(tls(`ca: "file:${ca}"`, 'http://erp'))).toEqual(['erp.tls: has no effect with an http:// url'])
})
