import { X509Certificate } from 'node:crypto'
import type { KafkaTarget } from '../config/kafka-environment.ts'
import { tlsReader } from '../tls-files.ts'
import type { Metrics } from './metrics.ts'

/** The earliest expiry of the certificates in a PEM text, in Unix seconds; `null` where no certificate can be read. */
export const expiryOf = (pem: string): number | null => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    const ends = blocks.map((block) => Date.parse(new X509Certificate(block).validTo) / 1000)
    return ends.length === 0 || ends.some(Number.isNaN) ? null : Math.min(...ends)
  } catch {
    return null
  }
}

/** The files are read at each scrape, because a renewed certificate counts from the next connection. */
export const tellCertificates = (metrics: Metrics, ssl: KafkaTarget['ssl']): void => {
  if (ssl === false) return
  const read = tlsReader(ssl)
  metrics.onScrape(() => {
    const { cert, ca } = read()
    for (const [certificate, pem] of [
      ['kafka_client', cert],
      ['kafka_ca', ca],
    ] as const) {
      const expiry = pem === undefined ? null : expiryOf(pem)
      if (expiry !== null) metrics.set('pullgate_certificate_expiry_timestamp_seconds', { certificate }, expiry)
    }
  })
}
