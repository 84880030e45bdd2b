import type { AuthenticationProviderArgs } from 'kafkajs'
import { CODE, isProtocolError } from '../protocol/protocol-errors.ts'
import { LoginRefused } from './login-refused.ts'

const SEPARATOR = '\x01'
/** kafkajs puts a length of 32 bits before an answer's bytes. */
const LENGTH_BYTES = 4

/** RFC 7628: the token, then the extensions, each ended by a separator. */
export const bearerMessage = (token: string, extensions: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(extensions).map(([name, value]) => `${name}=${value}${SEPARATOR}`)
  return `n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`
}

/**
 * A broker refuses a token in an answer that is not yet an error. kafkajs takes that answer for success, and its next
 * request fails for its state. Here a refusal is an error with the broker's reason.
 */
export const bearerLogin = async (
  { saslAuthenticate }: AuthenticationProviderArgs,
  token: string,
  extensions: Readonly<Record<string, string>>,
): Promise<void> => {
  try {
    await saslAuthenticate({
      request: { encode: () => lengthAndBytes(bearerMessage(token, extensions)) },
      response: {
        decode: (answer) => answer,
        parse: (answer) => {
          if (answer.length > LENGTH_BYTES) throw new LoginRefused(reasonOf(answer))
        },
      },
    })
  } catch (error) {
    if (isProtocolError(error) && error.code === CODE.saslAuthenticationFailed)
      throw new LoginRefused(`the broker refuses the token: ${error.message}`)
    throw error
  }
}

/** kafkajs sends the output of an encoder: a length of 32 bits, then the bytes. */
const lengthAndBytes = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Of `{"status":"invalid_token"}`. */
const reasonOf = (answer: Buffer): string => {
  const status = /"status"\s*:\s*"([\w .-]{1,80})"/.exec(answer.toString('utf8'))?.[1]
  return `the broker refuses the token (${status ?? 'no reason given'})`
}
