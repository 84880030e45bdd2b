import { asyncApi } from './asyncapi.ts'
import { configSchema } from './config-schema.ts'
import { openApi } from './openapi.ts'
import { partitionVectors } from './partition-vectors.ts'

/** Every generated document by its file in docs/; `reference` is the text of docs/configuration.md. */
export const documents = (reference: string): Readonly<Record<string, object>> => ({
  'openapi.json': openApi('/fetch-student'),
  'asyncapi.json': asyncApi('erp.student-events', 16),
  'config.schema.json': configSchema(reference),
  'publishing/partition-vectors.json': partitionVectors(),
})
