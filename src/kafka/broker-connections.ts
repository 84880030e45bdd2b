/**
 * Connections of one purpose, one for each broker. A connection that fails or stays silent is not repaired but cut, and
 * the next exchange opens a new one; the connections to other brokers are left alone.
 *
 *   (none) ──exchange──► opening ──connected──► open
 *      ▲                    │                     │
 *      └──── cut: failed, or silent past the exchange's time, or closed
 */

import { LogError, type LogErrorCode } from '../../consumers/ports/log-error.ts'
import { refuseTooOld } from './broker-versions.ts'
import type { LinkLogger } from './logger.ts'
import { isLoginRefused } from './login/login-refused.ts'
import { type Broker, type BrokerFactory, cutConnections, isThrottled } from './protocol/kafkajs-internals.ts'
import type { Address } from './protocol/metadata.ts'
import { isMoved, isProtocolError, PartitionMoved } from './protocol/protocol-errors.ts'

/** One exchange with a connected broker. */
export type BrokerExchange<T> = (broker: Broker) => Promise<T>

export type BrokerConnections = {
  /** Rejects past `untilMs` (`performance.now()`), and with the exchange's own error. */
  readonly ask: <T>(address: Address, untilMs: number, exchange: BrokerExchange<T>) => Promise<T>
  /** The same with the next broker of the configured list. */
  readonly askSeed: <T>(untilMs: number, exchange: BrokerExchange<T>) => Promise<T>
  /**
   * Repeats attempts until `untilMs`, unless an answer is final, and rejects with a `LogError`. One attempt may take
   * `attemptMs`, or all of the time by default.
   */
  readonly run: <T>(
    what: string,
    deadlineMs: number,
    attempt: (untilMs: number) => Promise<T>,
    attemptMs?: number,
  ) => Promise<T>
  /** Closes all connections; current and later exchanges fail. */
  readonly close: () => void
}

type Connection = { readonly opened: Promise<Broker>; broker: Broker | null }

const RETRY_PAUSE_MS = 50
/** A silence shorter than this proves nothing about the connection. */
const SILENCE_MS = 250

export const openBrokerConnections = (makeBroker: BrokerFactory, logger: LinkLogger): BrokerConnections => {
  const connections = new Map<string, Connection>()
  const silent = new Set<string>()
  let closed = false

  const connect = (key: string, address: Address | undefined): Connection => {
    const known = connections.get(key)
    if (known !== undefined) return known
    const opened = makeBroker(address).then(async (broker) => {
      connection.broker = broker
      await broker.connect()
      refuseTooOld(broker, key)
      return broker
    })
    // The callers that wait for the connection receive its error.
    opened.catch(() => {})
    const connection: Connection = { opened, broker: null }
    connections.set(key, connection)
    return connection
  }

  const cut = (key: string, connection: Connection, reason: string): void => {
    if (connections.get(key) === connection) connections.delete(key)
    if (connection.broker !== null) cutConnections(connection.broker, reason)
    else void connection.opened.then((broker) => cutConnections(broker, reason)).catch(() => {})
  }

  const report = (broker: string, answers: boolean, reason?: string): void => {
    if (answers && silent.delete(broker)) logger.info({ broker }, 'a broker answers again')
    if (answers || silent.has(broker)) return
    silent.add(broker)
    logger.warn({ broker, reason }, 'a broker does not answer')
  }

  const exchangeWith = async <T>(
    key: string,
    address: Address | undefined,
    untilMs: number,
    exchange: BrokerExchange<T>,
  ): Promise<T> => {
    if (closed) throw new LogError('unavailable', 'closed')
    const connection = connect(key, address)
    const began = performance.now()
    try {
      const answer = await withDeadline(connection.opened.then(exchange), untilMs - began)
      if (silent.size > 0) report(key, true)
      return answer
    } catch (error) {
      if (isAnswer(error) || error instanceof LogError) throw error
      const isShort = performance.now() - began < SILENCE_MS
      if (error === OVERDUE && (isShort || isThrottled(connection.broker))) throw error
      cut(key, connection, error === OVERDUE ? 'no answer in time' : 'a connection failed')
      if (!closed) report(key, false, (error as Error).message)
      throw error
    }
  }

  const run: BrokerConnections['run'] = async (what, deadlineMs, attempt, attemptMs = deadlineMs) => {
    const until = performance.now() + deadlineMs
    let failure: unknown = OVERDUE
    while (!closed) {
      const untilMs = Math.min(until, performance.now() + attemptMs)
      try {
        return await withDeadline(attempt(untilMs), untilMs - performance.now())
      } catch (error) {
        if (isFinal(error)) throw error instanceof LogError ? error : logError('refused', what, error)
        if (error !== OVERDUE || failure === OVERDUE) failure = error
        if (performance.now() + RETRY_PAUSE_MS >= until) break
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
      }
    }
    if (closed) throw new LogError('unavailable', `${what}: closed`)
    throw logError('unavailable', what, failure)
  }

  return {
    ask: (address, untilMs, exchange) => exchangeWith(keyOf(address), address, untilMs, exchange),
    askSeed: (untilMs, exchange) => exchangeWith('configured', undefined, untilMs, exchange),
    run,
    close: () => {
      closed = true
      for (const [key, connection] of connections) cut(key, connection, 'closed')
    },
  }
}

const keyOf = ({ nodeId, host, port }: Address): string => `${nodeId} (${host}:${port})`

/** A new connection repairs a log-in that has lost its state; any other protocol error is an answer. */
export const isAnswer = (error: unknown): boolean =>
  error instanceof PartitionMoved || (isProtocolError(error) && error.type !== 'ILLEGAL_SASL_STATE')

/** Another attempt would bring the same answer. */
export const isFinal = (error: unknown): boolean => {
  if (error instanceof PartitionMoved) return false
  if (error instanceof LogError) return error.code === 'refused'
  if (isProtocolError(error)) return isAnswer(error) && !isMoved(error.code) && !error.retriable
  return isLoginRefused(error)
}

export const logError = (code: LogErrorCode, what: string, cause: unknown): LogError =>
  new LogError(code, `${what}: ${(cause as Error).message}`, { cause })

const OVERDUE = new Error('no answer in time')

/**
 * The work's outcome, or a rejection after the deadline. Errors after the deadline are ignored; the caller has already
 * been answered.
 */
const withDeadline = <T>(work: Promise<T>, ms: number): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(OVERDUE), Math.max(ms, 0))
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
