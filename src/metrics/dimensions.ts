import { eventData, HEARTBEAT, RESOLVED } from '../../projections/events/event.ts'
import type { Config } from '../config/load.ts'
import { erpEndpoints } from '../erp/erp-endpoints.ts'
import { VERSION } from '../version.ts'
import type { Dimensions } from './spec.ts'

/** The label values that follow from a configuration. */
export const dimensionsOf = (config: Config): Dimensions => ({
  version: VERSION,
  partitions: config.topic.partitions,
  eventTypes: [...Object.keys(eventData), HEARTBEAT, RESOLVED],
  heartbeatSources: [...new Set(config.branches.flatMap(({ heartbeat }) => heartbeat?.source ?? []))],
  erps: [...new Set(erpEndpoints(config).map(({ label }) => label))],
  probedErps: [...new Set(erpEndpoints(config).flatMap(({ label, isProbed }) => (isProbed ? [label] : [])))],
  lastKnownGood: config.last_known_good.max_age_ms > 0,
})
