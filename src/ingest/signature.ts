import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Client, ClientTable } from '../http/clients.ts'

/**
 * Identifies the signer of a body. Webhooks that cannot log in (such as Frappe's) send base64 of HMAC-SHA256 over the
 * raw body in a header. Every client whose webhook uses that header is tried, always all of them.
 */
export type Signed = { readonly header: string; readonly digest: Buffer }

const DIGEST_BYTES = 32

/** The first signature in a header that some client's webhook uses; `null` where there is none. */
export const signatureOf = (headers: IncomingHttpHeaders, table: ClientTable): Signed | null => {
  for (const client of table.signing) {
    const value = headers[client.webhook?.header ?? '']
    if (typeof value === 'string') return { header: client.webhook!.header, digest: Buffer.from(value, 'base64') }
  }
  return null
}

/** Bytes hashed between pauses, about 10 ms: other requests get their turn, however many clients sign. */
const BYTES_A_TURN = 4 * 1_048_576

/** The client that signed this body; `null` where no client did. */
export const signerOf = async (signed: Signed, body: Buffer, table: ClientTable): Promise<Client | null> => {
  let signer: Client | null = null
  let hashed = 0
  for (const client of table.signing) {
    if (client.webhook?.header !== signed.header) continue
    const digest = createHmac('sha256', client.webhook.secret).update(body).digest()
    if (signed.digest.length === DIGEST_BYTES && timingSafeEqual(digest, signed.digest)) signer ??= client
    hashed += body.length
    if (hashed < BYTES_A_TURN) continue
    hashed = 0
    await new Promise(setImmediate)
  }
  return signer
}
