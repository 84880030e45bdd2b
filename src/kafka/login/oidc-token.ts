import { type Credential, readCredential } from '../../credential.ts'
import { LoginRefused } from './login-refused.ts'
import type { TokenSource } from './token.ts'

export type OidcClient = {
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly clientSecret: Credential
  readonly scope?: string
}

const DEADLINE_MS = 5000
const MAX_BYTES = 64 * 1024
/** RFC 6749 lets a provider leave `expires_in` out. */
const DEFAULT_LIFE_S = 300

/**
 * OAuth 2.0 client credentials, sent as Kafka's own clients do: id and secret by Basic authentication, not
 * percent-encoded.
 * @throws LoginRefused where the provider refuses the client
 */
export const oidcToken =
  ({ tokenEndpoint, clientId, clientSecret, scope }: OidcClient): TokenSource =>
  async () => {
    const login = `${clientId}:${readCredential(clientSecret)}`
    const askedAtMs = Date.now()
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch((error: unknown) => {
      throw new Error(`the token endpoint does not answer (${causeOf(error)})`, { cause: error })
    })
    const text = await readCapped(response)
    if (response.status === 400 || response.status === 401)
      throw new LoginRefused(`the token endpoint refuses the client: ${response.status} ${oauthError(text)}`.trimEnd())
    if (!response.ok) throw new Error(`the token endpoint answers ${response.status}`)
    const { access_token: value, expires_in: lifeS } = parse(text)
    if (typeof value !== 'string' || value === '') throw new Error('the token endpoint answers without an access_token')
    const seconds = Number(lifeS ?? DEFAULT_LIFE_S)
    return { value, endsAtMs: askedAtMs + (Number.isFinite(seconds) ? seconds : DEFAULT_LIFE_S) * 1000 }
  }

const causeOf = (error: unknown): string => {
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return 'no answer in time'
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? name
}

const readCapped = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error('the answer of the token endpoint is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const parse = (text: string): { readonly access_token?: unknown; readonly expires_in?: unknown; error?: unknown } => {
  try {
    return (JSON.parse(text) as object | null) ?? {}
  } catch {
    return {}
  }
}

/** Only the error's code: a description may quote what was sent. */
const oauthError = (text: string): string => {
  const { error } = parse(text)
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : ''
}
