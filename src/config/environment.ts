import type { Problem } from './problems.ts'
import { parseHostPort, parseRedisUrl, type RedisTarget } from './redis-url.ts'
import { readSecretFile, type SecretSources } from './secrets.ts'

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'

export type KafkaTarget = {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly ssl: false | { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string }
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export type Environment = {
  /** `null`: neither Kafka nor Redis is named, everything lives in one SQLite file. */
  readonly servers: null | { readonly kafka: KafkaTarget; readonly redis: RedisTarget }
  readonly http: { readonly host: string; readonly port: number; readonly metrics_port: number }
  readonly log_level: LogLevel
}

const mechanisms: readonly string[] = ['plain', 'scram-sha-256', 'scram-sha-512'] satisfies SaslMechanism[]
const levels: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] satisfies LogLevel[]

type EnvironmentReader = {
  readonly text: (name: string) => string | undefined
  readonly file: (name: string) => string | undefined
  readonly problem: (path: string, message: string) => undefined
}

const reader = (sources: SecretSources, problems: Problem[]): EnvironmentReader => {
  const problem = (path: string, message: string): undefined => {
    problems.push({ path, message })
  }
  const text = (name: string) => (sources.env[name] === '' ? undefined : sources.env[name])
  const file = (name: string) => {
    const path = text(name)
    if (path === undefined) return undefined
    const read = readSecretFile(path, sources)
    return read.ok ? read.value : problem(name, read.message)
  }
  return { text, file, problem }
}

const port = (read: EnvironmentReader, name: string, fallback: number): number => {
  const text = read.text(name)
  if (text === undefined) return fallback
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  read.problem(name, 'expected a port, 0 to 65535')
  return fallback
}

const oneOf = (read: EnvironmentReader, name: string, choices: readonly string[]): string | undefined => {
  const text = read.text(name)
  if (text === undefined || choices.includes(text.toLowerCase())) return text?.toLowerCase()
  return read.problem(name, `expected ${choices.join(' or ')}`)
}

const brokers = (read: EnvironmentReader): readonly string[] => {
  const list = (read.text('KAFKA_BROKERS') ?? '').split(',').map((broker) => broker.trim())
  if (list.some((broker) => parseHostPort(broker, null) === null)) {
    read.problem('KAFKA_BROKERS', 'expected host:port, or several with commas between them')
  }
  return list
}

const ssl = (read: EnvironmentReader): KafkaTarget['ssl'] => {
  const wanted = oneOf(read, 'KAFKA_SSL', ['true', 'false']) === 'true'
  const names = ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'].filter((name) => read.text(name) !== undefined)
  if (!wanted) for (const name of names) read.problem(name, 'has no effect unless KAFKA_SSL is true')
  const cert = read.file('KAFKA_CERT_FILE')
  const key = read.file('KAFKA_KEY_FILE')
  if (names.includes('KAFKA_CERT_FILE') !== names.includes('KAFKA_KEY_FILE')) {
    read.problem(
      names.includes('KAFKA_CERT_FILE') ? 'KAFKA_KEY_FILE' : 'KAFKA_CERT_FILE',
      'certificate and key come together',
    )
  }
  const ca = read.file('KAFKA_CA_FILE')
  return wanted && { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

const sasl = (read: EnvironmentReader): KafkaTarget['sasl'] => {
  const mechanism = oneOf(read, 'KAFKA_SASL_MECHANISM', mechanisms) as SaslMechanism | undefined
  const username = read.text('KAFKA_SASL_USERNAME')
  const literal = read.text('KAFKA_SASL_PASSWORD')
  const fromFile = read.file('KAFKA_SASL_PASSWORD_FILE')
  const named = read.text('KAFKA_SASL_PASSWORD_FILE') !== undefined
  if (literal !== undefined && named) {
    return read.problem('KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE is set too: only one of them')
  }
  const password = literal ?? fromFile
  if (read.text('KAFKA_SASL_MECHANISM') === undefined) {
    return username === undefined && literal === undefined && !named
      ? undefined
      : read.problem('KAFKA_SASL_MECHANISM', 'required with a SASL user name or password')
  }
  if (username === undefined) read.problem('KAFKA_SASL_USERNAME', 'required with KAFKA_SASL_MECHANISM')
  if (password === undefined && !named) {
    read.problem('KAFKA_SASL_PASSWORD', 'required with KAFKA_SASL_MECHANISM (or KAFKA_SASL_PASSWORD_FILE)')
  }
  return mechanism && username !== undefined && password !== undefined ? { mechanism, username, password } : undefined
}

const servers = (read: EnvironmentReader): Environment['servers'] => {
  const redisUrl = read.text('REDIS_URL')
  const kafkaGiven = read.text('KAFKA_BROKERS') !== undefined
  if (!kafkaGiven && redisUrl === undefined) return null
  const both = 'KAFKA_BROKERS and REDIS_URL come together (neither = embedded, on one SQLite file)'
  if (!kafkaGiven) read.problem('KAFKA_BROKERS', `required with REDIS_URL: ${both}`)
  if (redisUrl === undefined) read.problem('REDIS_URL', `required with KAFKA_BROKERS: ${both}`)
  const redis = redisUrl === undefined ? null : parseRedisUrl(redisUrl)
  if (redis !== null && !redis.ok) read.problem('REDIS_URL', redis.message)
  const login = sasl(read)
  const kafka = { brokers: kafkaGiven ? brokers(read) : [], ssl: ssl(read), ...(login && { sasl: login }) }
  return redis?.ok ? { kafka, redis: redis.target } : null
}

/** The environment's part of the configuration; what is wrong with it is added to `problems`. */
export const parseEnvironment = (sources: SecretSources, problems: Problem[]): Environment => {
  const read = reader(sources, problems)
  const http = {
    host: read.text('HOST') ?? '0.0.0.0',
    port: port(read, 'PORT', 8_080),
    metrics_port: port(read, 'METRICS_PORT', 9_090),
  }
  if (http.port === http.metrics_port && http.port !== 0) read.problem('METRICS_PORT', 'the same as PORT')
  return { servers: servers(read), http, log_level: (oneOf(read, 'LOG_LEVEL', levels) as LogLevel) ?? 'info' }
}
