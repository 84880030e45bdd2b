import type { ErpOutcome } from './port.ts'

/** Reasons why a connection fails, by the code of Node, OpenSSL or undici, with the operator's remedy. */
const CAUSES: Readonly<Record<string, readonly [detail: string, mend: string]>> = {
  ECONNREFUSED: ['the connection is refused', 'check the port in its url, and that it runs'],
  ECONNRESET: ['the connection is broken off', 'look at its log and at what stands before it'],
  EHOSTUNREACH: ['the host cannot be reached', 'check routes and firewall'],
  ENETUNREACH: ['the network cannot be reached', 'check routes and firewall'],
  ENOTFOUND: ['the host name is not known', 'check the host in its url, and DNS'],
  EAI_AGAIN: ['the name server does not answer', 'check DNS'],
  UND_ERR_CONNECT_TIMEOUT: ['no connection in time', 'check its url, routes and firewall'],
  UND_ERR_SOCKET: [
    'the connection is closed without an answer',
    'look at its log and at what stands before it; it may want a client certificate: tls.cert',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', 'name it as the authority: tls.ca'],
  SELF_SIGNED_CERT_IN_CHAIN: ['an unknown authority signed its certificate', 'name that authority: tls.ca'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['an unknown authority signed its certificate', 'name that authority: tls.ca'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its certificate comes without the one that signed it',
    'let it send the whole chain, or name the authority: tls.ca',
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew the certificate of the ERP'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'check the clocks'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host',
    'use the host name of the certificate in its url',
  ],
  EPROTO: ['it does not speak TLS as expected', 'check http or https in its url'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['it does not speak TLS', 'check http or https in its url'],
}

/** The ERP requires a client certificate, or a different one: OpenSSL has several codes for that. */
const CLIENT_CERTIFICATE =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|CERTIFICATE_UNKNOWN)/

type Words = { readonly detail: string; readonly mend: string }

/** Only a code of the table's form is shown: other texts could hold request data. */
export const connectionWords = (code: string | undefined): Words => {
  const known = code === undefined ? undefined : CAUSES[code]
  if (known !== undefined) return { detail: `${known[0]} (${code})`, mend: known[1] }
  const named = code !== undefined && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : ''
  if (code !== undefined && CLIENT_CERTIFICATE.test(code))
    return { detail: `it refuses the client certificate${named}`, mend: 'check tls.cert and tls.key' }
  if (code?.startsWith('HPE_'))
    return { detail: `it does not answer in HTTP${named}`, mend: 'check http or https in its url' }
  return { detail: `no connection comes about${named}`, mend: 'check its url, DNS and firewall' }
}

/** The meaning of a status that is no answer. */
export const statusMend = (status: number): string => {
  if (status === 401 || status === 403) return 'check username and password, bearer or headers of its erp section'
  if (status === 404 || status === 405) return 'check its url'
  return 'look at its log: it answers with an error status'
}

const CAUSE_WORDS = {
  status: 'an error status',
  connection: 'no connection comes about',
  timeout: 'no answer in time',
  open: 'its breaker is open',
  busy: 'too many calls are at it',
} as const

/** Why a call gave no answer, in a few words without personal data; the log and `doctor` use the same words. */
export const outcomeDetail = (outcome: Exclude<ErpOutcome, { kind: 'answer' }>): string =>
  outcome.kind === 'bad_response' ? outcome.detail : (outcome.detail ?? CAUSE_WORDS[outcome.cause])
