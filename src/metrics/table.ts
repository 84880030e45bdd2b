import { gatewayTable } from './gateway-table.ts'
import { ingestTable } from './ingest-table.ts'
import { processTable } from './process-table.ts'
import { projectorTable } from './projector-table.ts'
import type { MetricSpec } from './spec.ts'

/** Every metric of the program. A test compares docs/metrics.md with this table. */
export const table = { ...gatewayTable, ...ingestTable, ...projectorTable, ...processTable } as const satisfies Record<
  string,
  MetricSpec
>

export type MetricName = keyof typeof table
