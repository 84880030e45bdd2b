import type { Credential } from '../credential.ts'

export type HostPort = { readonly host: string; readonly port: number }

type RedisLogin = { readonly username?: Credential; readonly password?: Credential }

/** What `REDIS_URL` names, with who logs in. */
export type RedisTarget =
  | ({ readonly kind: 'single'; readonly tls: boolean; readonly db: number } & HostPort & RedisLogin)
  | ({ readonly kind: 'cluster'; readonly tls: boolean; readonly nodes: readonly HostPort[] } & RedisLogin)
  | ({
      readonly kind: 'sentinel'
      readonly sentinels: readonly HostPort[]
      readonly name: string
      readonly db: number
    } & RedisLogin)

export type ParsedRedisUrl =
  | { readonly ok: true; readonly target: RedisTarget }
  | { readonly ok: false; readonly message: string }

const fail = (message: string): ParsedRedisUrl => ({ ok: false, message })

/** `host`, `host:port`, `[::1]:port`; null where it is none of them. */
export const parseHostPort = (text: string, defaultPort: number | null): HostPort | null => {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) return null
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  return port === null || port < 1 || port > 65_535 ? null : { host: (match[1] ?? match[2])!, port }
}

const decode = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** `user:password@` or `:password@` before the host; null where its percent-encoding is broken. */
const splitLogin = (text: string): { readonly login: RedisLogin; readonly rest: string } | null => {
  const at = text.lastIndexOf('@')
  if (at === -1) return { login: {}, rest: text }
  const userinfo = text.slice(0, at)
  const colon = userinfo.indexOf(':')
  const username = decode(colon === -1 ? userinfo : userinfo.slice(0, colon))
  const password = colon === -1 ? '' : decode(userinfo.slice(colon + 1))
  if (username === null || password === null) return null
  const login = {
    ...(username === '' ? {} : { username: { value: username } }),
    ...(password === '' ? {} : { password: { value: password } }),
  }
  return { login, rest: text.slice(at + 1) }
}

const parseDb = (text: string | undefined): number | null =>
  text === undefined || text === '' ? 0 : /^\d{1,5}$/.test(text) ? Number(text) : null

const parseSentinel = (text: string): ParsedRedisUrl => {
  const split = splitLogin(text.slice('redis+sentinel://'.length))
  if (split === null) return fail('the credentials are not valid percent-encoding')
  const [hosts = '', name = '', dbText, ...more] = split.rest.split('/')
  const sentinels = hosts.split(',').map((host) => parseHostPort(host, 26_379))
  const db = parseDb(dbText)
  if (name === '') return fail('a sentinel URL ends with the name of the master: redis+sentinel://host:port/name')
  if (sentinels.includes(null)) return fail('expected redis+sentinel://host:port,host:port/name')
  if (db === null || more.length > 0) return fail('the database is a number: redis+sentinel://host:port/name/0')
  return { ok: true, target: { kind: 'sentinel', sentinels: sentinels as HostPort[], name, db, ...split.login } }
}

const parseNodes = (text: string, tls: boolean): ParsedRedisUrl => {
  const scheme = tls ? 'rediss://' : 'redis://'
  const split = splitLogin(text.slice(scheme.length).replaceAll(`,${scheme}`, ','))
  if (split === null) return fail('the credentials are not valid percent-encoding')
  const [hosts = '', dbText, ...more] = split.rest.replace(/\/(?=,)/g, '').split('/')
  const nodes = hosts.split(',').map((host) => parseHostPort(host, 6_379))
  const db = parseDb(dbText)
  if (nodes.includes(null)) return fail(`expected ${scheme}host:port, or several with commas between them`)
  if (db === null || more.length > 0) return fail(`the database is a number: ${scheme}host:port/0`)
  if (nodes.length === 1) return { ok: true, target: { kind: 'single', tls, db, ...nodes[0]!, ...split.login } }
  if (db !== 0) return fail('a Redis Cluster has database 0 only')
  return { ok: true, target: { kind: 'cluster', tls, nodes: nodes as HostPort[], ...split.login } }
}

/** `redis://`, `rediss://`, several with commas = Redis Cluster, `redis+sentinel://host:port,host:port/name`. */
export const parseRedisUrl = (text: string): ParsedRedisUrl => {
  if (text.startsWith('redis+sentinel://')) return parseSentinel(text)
  if (text.startsWith('rediss://')) return parseNodes(text, true)
  if (text.startsWith('redis://')) return parseNodes(text, false)
  return fail('expected redis://, rediss:// or redis+sentinel://')
}
