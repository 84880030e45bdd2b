import { createHmac } from 'node:crypto'
import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino'
import pretty from 'pino-pretty'
import { PullgateError } from './errors.ts'
import { shownJson } from './visible.ts'

export type Logger = PinoLogger

type SafeError = {
  readonly name: string
  readonly code?: string
  readonly message?: string
  readonly frames?: readonly string[]
  readonly cause?: SafeError
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 256) : undefined)

/** Operating system errors: their message is made of the call, its code and an address. */
const isSystemError = (error: Error): boolean => 'syscall' in error && 'errno' in error

const frames = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())

/**
 * What may be logged of an error. Redis errors carry the command's arguments (a student's whole record), JSON errors
 * a piece of the input, type errors a property's name: so only our own messages and the operating system's are kept,
 * and of all others their name, code and stack frames.
 */
export const safeError = (error: unknown, depth = 0): SafeError => {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error ? text(error.code) : undefined
  const told = error instanceof PullgateError || isSystemError(error)
  return {
    name: error.name.slice(0, 64),
    ...(code !== undefined && { code }),
    ...(told ? { message: error.message } : { frames: frames(error) }),
    ...(error.cause !== undefined && depth < 4 && { cause: safeError(error.cause, depth + 1) }),
  }
}

/** A student's identifier for logs: the same one gives the same word under one key, and no way leads back without it. */
export const identifierHasher =
  (key: Uint8Array) =>
  (identifier: string): string =>
    createHmac('sha256', key).update(identifier, 'utf8').digest('base64url').slice(0, 16)

const secretKeys = ['authorization', 'password', 'secret', 'secrets', 'username', 'identifier', 'body', 'headers']
const redacted = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])

/** One JSON object a line; coloured lines for a person at a terminal. */
export const buildLog = (options: {
  readonly level: string
  readonly destination: DestinationStream
  readonly terminal: boolean
  readonly colours?: boolean
}): Logger =>
  pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => safeError(error), error: (error: unknown) => safeError(error) },
      redact: { paths: redacted, censor: '[hidden]' },
    },
    options.terminal ? forTerminal(options.destination, options.colours ?? true) : options.destination,
  )

/** The pretty printer decodes the line's JSON, so control characters are escaped once more: a terminal shows them. */
const forTerminal = (destination: DestinationStream, colorize: boolean): DestinationStream => {
  const printer = pretty({ sync: true, colorize, destination })
  return { write: (line) => void printer.write(shownJson(line)) }
}

/** Logs go to stderr: stdout belongs to data. */
export const stderrLog = (level: string): Logger =>
  buildLog({
    level,
    destination: pino.destination({ dest: 2, sync: true }),
    terminal: process.stderr.isTTY === true,
    // Node asks the terminal's kind and NO_COLOR.
    colours: process.stderr.isTTY === true && process.stderr.hasColors(),
  })
