import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Client, ClientTable } from '../http/clients.ts'

/**
 * Who has signed a body: webhooks that cannot log in (Frappe's among them) send base64 of HMAC-SHA256 over the raw body
 * in a header. Every client whose webhook uses that header is tried, always all of them.
 */
export type Signed = { readonly header: string; readonly digest: Buffer }

const DIGEST_BYTES = 32

/** The first signature among the headers that some client's webhook uses; `null` where there is none. */
export const signatureOf = (headers: IncomingHttpHeaders, table: ClientTable): Signed | null => {
  for (const client of table.signing) {
    const value = headers[client.webhook?.header ?? '']
    if (typeof value === 'string') return { header: client.webhook!.header, digest: Buffer.from(value, 'base64') }
  }
  return null
}

/** Between pauses so many bytes are hashed, some 10 ms: others have their turn, however many clients sign. */
const BYTES_A_TURN = 4 * 1_048_576

/** The client that signed this body; `null` where none of them did. */
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
