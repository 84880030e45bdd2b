import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type TokenRequest = { readonly authorization: string | undefined; readonly body: string }

/** A small OpenID provider: client credentials at `/token`, the key of its signatures at `/jwks`. */
export type OidcServer = {
  readonly tokenEndpoint: string
  readonly jwks: string
  readonly issuer: string
  readonly requests: readonly TokenRequest[]
  /** From now on: the seconds that a token lives, whom it is for, or the status of a refusal. */
  readonly give: (answer: Partial<OidcAnswer>) => void
  readonly close: () => Promise<void>
}

type OidcAnswer = { readonly lifeS: number; readonly audience: string; readonly status: number }

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const oidcServer = async (client: { readonly id: string; readonly secret: string }): Promise<OidcServer> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }
  const expected = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
  const requests: TokenRequest[] = []
  let answer: OidcAnswer = { lifeS: 3600, audience: 'kafka', status: 200 }

  let issuer = ''
  const sign = (): string => {
    const nowS = Math.floor(Date.now() / 1000)
    const times = { iat: nowS, exp: nowS + answer.lifeS }
    const claims = { iss: issuer, sub: client.id, aud: answer.audience, ...times, jti: randomUUID() }
    const content = `${base64url({ alg: 'RS256', kid: 'test', typ: 'JWT' })}.${base64url(claims)}`
    return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`
  }

  const replyTo = async (request: IncomingMessage): Promise<readonly [number, object]> => {
    if (request.url === '/jwks') return [200, { keys: [jwk] }]
    const { authorization } = request.headers
    requests.push({ authorization, body: await text(request) })
    if (answer.status !== 200) return [answer.status, { error: 'temporarily_unavailable' }]
    if (authorization !== expected) return [401, { error: 'invalid_client', error_description: 'who is that' }]
    return [200, { access_token: sign(), token_type: 'Bearer', expires_in: answer.lifeS }]
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await replyTo(request)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  issuer = url
  return {
    issuer,
    tokenEndpoint: `${url}/token`,
    jwks: `${url}/jwks`,
    requests,
    give: (next) => {
      answer = { ...answer, ...next }
    },
    close: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
