import type { RedisOptions } from 'ioredis'
import { readCredential } from '../credential.ts'
import type { RedisServers } from './target.ts'

const NAMES = ['username', 'password'] as const

/**
 * Makes a client log in with the current content of its files: ioredis reads these two options at each connection.
 * Where a file cannot be read, the client uses the last content, and Redis accepts or refuses it.
 */
export const freshLogin = (options: RedisOptions, target: RedisServers, warn: (detail: string) => void): void => {
  for (const name of NAMES) {
    const credential = target[name]
    if (credential === undefined || 'value' in credential) continue
    let last = options[name]
    Object.defineProperty(options, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        try {
          last = readCredential(credential)
        } catch {
          warn(`the file of REDIS_${name.toUpperCase()}_FILE cannot be read`)
        }
        return last
      },
    })
  }
}
