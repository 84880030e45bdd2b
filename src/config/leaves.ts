import { isIP } from 'node:net'
import { z } from 'zod'
import { parseSecret } from './secret.ts'
import { isReference, resolveSecret, type SecretSources } from './secrets.ts'

const codePoints = (text: string): number => [...text].length
const within = (max: number) => (text: string) => text !== '' && codePoints(text) <= max
const printable = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text)

/** An id as events carry it: text, or an integer that becomes its decimal text. */
export const code = z
  .union([z.string(), z.int()], { error: 'expected text or an integer' })
  .transform(String)
  .pipe(z.string().refine(within(128), '1 to 128 characters').refine(printable, 'no control characters'))

/** A publisher, as the `source` of its events names it. */
export const source = z.string().refine(within(256), '1 to 256 characters').refine(printable, 'no control characters')

/** A Basic auth user name: everything before the first colon, so it cannot hold one. */
export const username = z
  .string()
  .refine(within(128), '1 to 128 characters')
  .refine(printable, 'no control characters')
  .refine((text) => !text.includes(':'), 'a Basic auth user name cannot contain a colon')

export const count = (max: number) => z.int().min(1).max(max)
export const milliseconds = (max: number) => z.int().min(1).max(max)
export const percent = z.int().min(1).max(100)

/** A YAML 1.1 program, such as Helm, writes `off` as `false`. */
export const onOff = z.union([z.enum(['on', 'off']), z.boolean()], { error: 'expected on or off' })

export const timezone = z.string().refine((name) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return !/^[+-]/.test(name)
  } catch {
    return false
  }
}, 'not a known IANA time zone, like Asia/Kolkata')

export const httpUrl = z.string().superRefine((text, ctx) => {
  const url = URL.parse(text)
  if (url === null || !/^https?:\/\//i.test(text)) {
    ctx.addIssue({ code: 'custom', message: 'expected an http:// or https:// URL' })
    return
  }
  if (url.username !== '' || url.password !== '') {
    ctx.addIssue({ code: 'custom', message: 'credentials do not belong into the URL: use username and password' })
  }
  if (url.hash !== '') ctx.addIssue({ code: 'custom', message: 'a URL to call has no fragment' })
})

/** The router gives `:`, `*` and parentheses a meaning of their own, and a `%` would never match: plain segments only. */
export const pullPath = z
  .string()
  .max(256)
  .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'expected a path like /fetch-student of letters, digits and . _ ~ -')
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'no . or .. in the path')
  .refine((path) => path !== '/events', '/events is taken: publishers post there')
  .refine((path) => path !== '/healthz', '/healthz is taken: load balancers ask there')

/** An address block as `10.0.0.0/8` or `fd00::/8`; a lone address is a block of one. */
export const cidr = z.string().refine((text) => {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}, 'expected an address block like 10.0.0.0/8')

/** Frappe's. */
export const SIGNATURE_HEADER = 'X-Frappe-Webhook-Signature'

/** A header that a signature may come in: none that HTTP itself, or the log-in, needs. */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'expected the name of an HTTP header')
  .refine((name) => !RESERVED_HEADERS.has(name.toLowerCase()), 'a header that HTTP itself uses')

const RESERVED_HEADERS = new Set(['authorization', 'host', 'content-type', 'content-length', 'accept', 'connection'])

/** A header of ours to an ERP: a key, or whatever it knows us by. */
export const requestHeader = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'expected the name of an HTTP header')
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'a header that the gateway sets itself')

const OWN_HEADERS = new Set(
  'host connection content-length content-type transfer-encoding upgrade keep-alive te trailer expect accept accept-encoding'.split(
    ' ',
  ),
)

/** What may stand in a header: visible Latin-1 and blanks, none at the ends. */
export const headerValue = <T extends z.ZodType<string>>(text: T) =>
  text.refine((value) => /^[\x21-\x7e\xa0-\xff]([\x20-\x7e\xa0-\xff\t]*[\x21-\x7e\xa0-\xff])?$/.test(value), {
    error: 'not a value that an HTTP header can have',
  })

/** Room is left for `.dlq`, the dead letters' topic. */
export const topicName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,245}$/, 'expected 1 to 245 letters, digits and . _ -')
  .refine((name) => name !== '.' && name !== '..', 'not a name that Kafka takes')

/** A secret that the program needs in clear: never literal. */
export const secret = (sources: SecretSources) =>
  z.string().transform((text, ctx) => {
    const resolved = resolveSecret(text, sources)
    if (resolved.ok) return resolved.value
    ctx.issues.push({ code: 'custom', message: resolved.message, input: undefined })
    return z.NEVER
  })

/** A client's secret as `pullgate hash-secret` made it; a hash may stand here itself. */
export const hashedSecret = (sources: SecretSources) =>
  z.string().transform((text, ctx) => {
    const resolved = isReference(text) ? resolveSecret(text, sources) : ({ ok: true, value: text } as const)
    if (resolved.ok && parseSecret(resolved.value) !== null) return resolved.value
    const message = resolved.ok ? 'expected scrypt$… as made by `pullgate hash-secret`' : resolved.message
    ctx.issues.push({ code: 'custom', message, input: undefined })
    return z.NEVER
  })

/** Named like every secret. One that is not there is a problem only where answers are recorded. */
export const answersKey = (sources: SecretSources) =>
  z.string().transform((text, ctx): string | undefined => {
    const resolved = resolveSecret(text, sources)
    if (resolved.ok) return resolved.value
    if (isReference(text)) return undefined
    ctx.issues.push({ code: 'custom', message: resolved.message, input: undefined })
    return z.NEVER
  })
