import { hash } from 'node:crypto'
import type { Header, LogRecord } from '../../consumers/ports/log.ts'

/**
 * The header of a recorded answer: `<recorder>:<number>:<sent at>:<key>:<signature>:<applied>`.
 *
 * Each gateway process numbers its answers from 1 on, over all partitions: a number that comes twice is a repetition, and
 * a missing one is a lost answer. `sent at` is the gateway's clock when it was sent to the log, to compare with the
 * brokers'. `key` and `signature` tell whether the same key, and the same policy and version, are in use still. `applied`
 * is the first offset of the student's partition that was not applied when it was answered; empty where that is not known.
 */
export type RecorderMark = {
  readonly recorder: string
  readonly number: number
  readonly sentAtMs: number
  readonly key: string
  readonly signature: string
  readonly applied: number | null
}

const NAME = 'pullgate-recorder'

export const recorderHeader = ({ recorder, number, sentAtMs, key, signature, applied }: RecorderMark): Header => [
  NAME,
  Buffer.from(`${recorder}:${number}:${sentAtMs}:${key}:${signature}:${applied ?? ''}`, 'latin1'),
]

/** `null`: written by something else. */
export const markOf = ({ headers }: Pick<LogRecord, 'headers'>): RecorderMark | null => {
  const value = headers.find(([name]) => name === NAME)?.[1]
  if (!value) return null
  const [recorder, number, sentAtMs, key, signature, applied] = Buffer.from(value).toString('latin1').split(':')
  if (applied === undefined) return null
  return {
    recorder: recorder!,
    number: Number(number),
    sentAtMs: Number(sentAtMs),
    key: key!,
    signature: signature!,
    applied: applied === '' ? null : Number(applied),
  }
}

/** Tells two signatures apart in few bytes. */
export const signatureFingerprint = (signature: string): string => hash('sha256', signature, 'hex').slice(0, 8)
