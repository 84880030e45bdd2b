import { type EnvironmentReader, readCredentialName } from './environment-reader.ts'
import { parseRedisUrl, type RedisTarget } from './redis-url.ts'

/** User name and password may stand in the URL, or apart from it where they are rotated. */
export const readRedis = (read: EnvironmentReader): RedisTarget | undefined => {
  const username = readCredentialName(read, { literal: 'REDIS_USERNAME', file: 'REDIS_USERNAME_FILE' })
  const password = readCredentialName(read, { literal: 'REDIS_PASSWORD', file: 'REDIS_PASSWORD_FILE' })
  const url = read.text('REDIS_URL')
  if (url === undefined) return undefined
  const parsed = parseRedisUrl(url)
  if (!parsed.ok) return read.problem('REDIS_URL', parsed.message)
  const { target } = parsed
  const twice = (name: string): undefined =>
    read.problem('REDIS_URL', `it has what ${name} gives too: only one of them`)
  if (username && target.username) return twice('REDIS_USERNAME')
  if (password && target.password) return twice('REDIS_PASSWORD')
  if (username && !password && !target.password)
    return read.problem('REDIS_PASSWORD', 'required with REDIS_USERNAME (or REDIS_PASSWORD_FILE)')
  return { ...target, ...(username && { username }), ...(password && { password }) }
}
