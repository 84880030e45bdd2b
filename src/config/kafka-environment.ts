import type { TlsFiles } from '../tls-files.ts'
import { type EnvironmentReader, readChoice } from './environment-reader.ts'
import { readSasl, type SaslTarget } from './kafka-sasl.ts'
import { parseHostPort } from './redis-url.ts'

export type KafkaTarget = {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly ssl: false | TlsFiles
  readonly sasl?: SaslTarget
}

const readBrokers = (read: EnvironmentReader): readonly string[] => {
  const text = read.text('KAFKA_BROKERS')
  if (text === undefined) return []
  const list = text.split(',').map((broker) => broker.trim())
  if (list.some((broker) => parseHostPort(broker, null) === null)) {
    read.problem('KAFKA_BROKERS', 'expected host:port, or several with commas between them')
  }
  return list
}

const readSsl = (read: EnvironmentReader): KafkaTarget['ssl'] => {
  const wanted = readChoice(read, 'KAFKA_SSL', ['true', 'false']) === 'true'
  const names = ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'].filter((name) => read.text(name) !== undefined)
  if (!wanted) for (const name of names) read.problem(name, 'has no effect unless KAFKA_SSL is true')
  /** The path of a file that can be read now. */
  const readable = (name: string): string | undefined => (read.file(name) === undefined ? undefined : read.text(name))
  const cert = readable('KAFKA_CERT_FILE')
  const key = readable('KAFKA_KEY_FILE')
  if (names.includes('KAFKA_CERT_FILE') !== names.includes('KAFKA_KEY_FILE')) {
    read.problem(
      names.includes('KAFKA_CERT_FILE') ? 'KAFKA_KEY_FILE' : 'KAFKA_CERT_FILE',
      'certificate and key come together',
    )
  }
  const ca = readable('KAFKA_CA_FILE')
  return wanted && { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

export const readKafka = (read: EnvironmentReader): KafkaTarget => {
  const sasl = readSasl(read)
  return { brokers: readBrokers(read), ssl: readSsl(read), ...(sasl && { sasl }) }
}
