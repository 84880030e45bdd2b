import type { logCreator } from 'kafkajs'

/** Receives the adapter's messages; a pino logger fits. */
export type LinkLogger = Record<'debug' | 'info' | 'warn', (fields: object, message: string) => void>

/**
 * kafkajs's own messages at debug level: the adapter itself logs once what matters to an operator. Only fields that
 * cannot hold a record's bytes pass.
 */
export const kafkajsLogs =
  (logger: LinkLogger): logCreator =>
  () =>
  ({ namespace, label, log }) =>
    logger.debug(
      { part: namespace, level: label, broker: log['broker'], reason: log['error'] },
      `kafkajs: ${log.message}`,
    )
