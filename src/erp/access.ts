import type { ErpConfig } from '../config/load.ts'

/** The headers of every request, as undici takes them: name, value, name, value … */
export const requestHeaders = (config: ErpConfig): string[] => [
  'accept',
  'application/json',
  'accept-encoding',
  'identity',
  ...authorization(config),
  ...Object.entries(config.headers ?? {}).flat(),
]

const authorization = ({ username, password, bearer }: ErpConfig): string[] => {
  if (bearer !== undefined) return ['authorization', `Bearer ${bearer}`]
  if (username === undefined || password === undefined) return []
  return ['authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]
}

/** The ERP's own certificate authority instead of the system's, and the client certificate that the ERP requires. */
export const tlsOptions = ({
  tls,
}: ErpConfig): { readonly ca?: string; readonly cert?: string; readonly key?: string } => ({
  ...(tls?.ca !== undefined && { ca: tls.ca }),
  ...(tls?.cert !== undefined && { cert: tls.cert }),
  ...(tls?.key !== undefined && { key: tls.key }),
})
