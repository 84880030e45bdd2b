import { gatewayTable } from './gateway-table.ts'
import { ingestTable } from './ingest-table.ts'
import { processTable } from './process-table.ts'
import { projectorTable } from './projector-table.ts'
import type { MetricSpec } from './spec.ts'

/** Every metric of the program. docs/metrics.md is written from this table and held to it by a test. */
export const table = { ...gatewayTable, ...ingestTable, ...projectorTable, ...processTable } as const satisfies Record<
  string,
  MetricSpec
>

export type MetricName = keyof typeof table
