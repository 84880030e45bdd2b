import { LogError } from '../../consumers/ports/log-error.ts'
import type { Broker } from './protocol/kafkajs-internals.ts'
import { API } from './protocol/wire.ts'

/**
 * Requests that are sent in a fixed version, and the oldest Apache Kafka that supports it. Fetch and Metadata use the
 * topic's id, which distinguishes a recreated topic from its former one.
 */
export const NEEDED_VERSIONS = [
  { name: 'Fetch', api: API.fetch, version: 13, since: '3.1' },
  { name: 'Metadata', api: API.metadata, version: 12, since: '3.1' },
  { name: 'ListOffsets', api: API.listOffsets, version: 4, since: '2.1' },
  { name: 'Produce', api: API.produce, version: 7, since: '2.1' },
] as const

/** @throws LogError that names the broker, the request, and the versions found and needed */
export const refuseTooOld = ({ versions }: Pick<Broker, 'versions'>, broker: string): void => {
  for (const { name, api, version, since } of NEEDED_VERSIONS) {
    const found = versions?.[api]
    if (found !== undefined && found.minVersion <= version && version <= found.maxVersion) continue
    const has = found === undefined ? 'not at all' : `in versions ${found.minVersion} to ${found.maxVersion}`
    throw new LogError(
      'refused',
      `broker ${broker} has the request ${name} ${has}, and version ${version} is needed (Apache Kafka ${since} or later)`,
    )
  }
}
