import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * A stored secret: `scrypt$N$r$p$salt$hash`, N, r and p in decimal, salt and hash in base64url without padding.
 * Kept in configuration files for years: the format does not change, other parameters may be written at any time.
 */
export type ParsedSecret = {
  readonly n: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

/**
 * 32 MiB and some 80 ms on a 2020s core. More would protect weak passwords better but let anybody burn our CPU; these
 * secrets are long random keys, and each is verified once per process.
 */
const n = 32_768
const r = 8
const p = 1
const maxMemory = 128 * 1_048_576

const isPowerOfTwo = (value: number): boolean => value > 1 && (value & (value - 1)) === 0

/** null: not a stored secret, or one whose verification would cost too much. */
export const parseSecret = (text: string): ParsedSecret | null => {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{11,86})\$([\w-]{22,86})$/.exec(text)
  if (match === null) return null
  const [cost, blockSize, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (!isPowerOfTwo(cost) || blockSize < 1 || lanes < 1 || lanes > 16 || 128 * cost * blockSize > maxMemory) return null
  return {
    n: cost,
    r: blockSize,
    p: lanes,
    salt: Buffer.from(match[4]!, 'base64url'),
    hash: Buffer.from(match[5]!, 'base64url'),
  }
}

const derive = (password: string, secret: Omit<ParsedSecret, 'hash'>, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N: secret.n, r: secret.r, p: secret.p, maxmem: 2 * maxMemory }
    scrypt(Buffer.from(password, 'utf8'), secret.salt, length, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })

/** Throws nothing for a wrong password; takes the same time for a right one. */
export const verifySecret = async (password: string, secret: ParsedSecret): Promise<boolean> =>
  timingSafeEqual(await derive(password, secret, secret.hash.length), secret.hash)

export const hashSecret = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  const hash = await derive(password, { n, r, p, salt }, 32)
  return `scrypt$${n}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}
