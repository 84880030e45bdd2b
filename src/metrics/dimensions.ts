import { eventData, HEARTBEAT, RESOLVED } from '../../projections/events/event.ts'
import type { Config } from '../config/load.ts'
import { erpEndpoints } from '../erp/erp-endpoints.ts'
import { VERSION } from '../version.ts'
import type { Dimensions } from './spec.ts'

/** The publishers that a configuration names: watched ones, and those that may publish over HTTP. */
export const publishersOf = ({ branches, clients }: Pick<Config, 'branches' | 'clients'>): readonly string[] => [
  ...new Set([
    ...branches.flatMap(({ heartbeat }) => heartbeat?.source ?? []),
    ...clients.flatMap(({ publish }) => publish),
  ]),
]

/** The label values that follow from a configuration. */
export const dimensionsOf = (config: Config): Dimensions => ({
  version: VERSION,
  partitions: config.topic.partitions,
  eventTypes: [...Object.keys(eventData), HEARTBEAT, RESOLVED],
  heartbeatSources: [...new Set(config.branches.flatMap(({ heartbeat }) => heartbeat?.source ?? []))],
  publishers: publishersOf(config),
  erps: [...new Set(erpEndpoints(config).map(({ label }) => label))],
  probedErps: [...new Set(erpEndpoints(config).flatMap(({ label, isProbed }) => (isProbed ? [label] : [])))],
  lastKnownGood: config.last_known_good.max_age_ms > 0,
})
