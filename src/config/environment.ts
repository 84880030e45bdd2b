import { type EnvironmentReader, environmentReader, readChoice } from './environment-reader.ts'
import { type KafkaTarget, readKafka } from './kafka-environment.ts'
import type { Problem } from './problems.ts'
import { readRedis } from './redis-environment.ts'
import type { RedisTarget } from './redis-url.ts'
import type { SecretSources } from './secrets.ts'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export type Environment = {
  /** `null`: neither Kafka nor Redis is named, everything lives in one SQLite file. */
  readonly servers: null | { readonly kafka: KafkaTarget; readonly redis: RedisTarget }
  readonly http: {
    readonly host: string
    readonly port: number
    readonly metrics_host: string
    readonly metrics_port: number
  }
  readonly log_level: LogLevel
  /** Traces are sent: a collector is named. OpenTelemetry's own packages read its address. */
  readonly tracing: boolean
}

const levels: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] satisfies LogLevel[]

const port = (read: EnvironmentReader, name: string, fallback: number): number => {
  const text = read.text(name)
  if (text === undefined) return fallback
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  read.problem(name, 'expected a port, 0 to 65535')
  return fallback
}

const servers = (read: EnvironmentReader): Environment['servers'] => {
  const redisUrl = read.text('REDIS_URL')
  const kafkaGiven = read.text('KAFKA_BROKERS') !== undefined
  if (!kafkaGiven && redisUrl === undefined) return null
  const both = 'KAFKA_BROKERS and REDIS_URL come together (neither = embedded, on one SQLite file)'
  if (!kafkaGiven) read.problem('KAFKA_BROKERS', `required with REDIS_URL: ${both}`)
  if (redisUrl === undefined) read.problem('REDIS_URL', `required with KAFKA_BROKERS: ${both}`)
  const redis = readRedis(read)
  const kafka = readKafka(read)
  return redis === undefined ? null : { kafka, redis }
}

/** The environment's part of the configuration; what is wrong with it is added to `problems`. */
export const parseEnvironment = (sources: SecretSources, problems: Problem[]): Environment => {
  const read = environmentReader(sources, problems)
  const host = read.text('HOST') ?? '0.0.0.0'
  const http = {
    host,
    port: port(read, 'PORT', 8_080),
    metrics_host: read.text('METRICS_HOST') ?? host,
    metrics_port: port(read, 'METRICS_PORT', 9_090),
  }
  if (http.port === http.metrics_port && http.port !== 0) read.problem('METRICS_PORT', 'the same as PORT')
  return {
    servers: servers(read),
    http,
    log_level: (readChoice(read, 'LOG_LEVEL', levels) as LogLevel) ?? 'info',
    tracing: read.text('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined,
  }
}
