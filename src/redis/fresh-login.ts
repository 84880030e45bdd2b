import type { RedisOptions } from 'ioredis'
import { readCredential } from '../credential.ts'
import type { RedisServers } from './target.ts'

const NAMES = ['username', 'password'] as const

/**
 * Lets a client log in with what its files hold at the moment it connects: ioredis reads these two options at each
 * connection. A file that cannot be read leaves what it held last; Redis then says whether that is still right.
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
