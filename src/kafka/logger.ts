import type { logCreator } from 'kafkajs'

/** What the adapter says goes here; a pino logger fits. */
export type LinkLogger = Record<'debug' | 'info' | 'warn', (fields: object, message: string) => void>

/**
 * kafkajs's own messages, at debug level: what matters to an operator is said once by the link. Only fields that cannot
 * hold a record's bytes pass.
 */
export const kafkajsLogs =
  (logger: LinkLogger): logCreator =>
  () =>
  ({ namespace, label, log }) =>
    logger.debug(
      { part: namespace, level: label, broker: log['broker'], reason: log['error'] },
      `kafkajs: ${log.message}`,
    )
