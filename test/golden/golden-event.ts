import { readdirSync, readFileSync } from 'node:fs'
import type { LogRecord } from '../../consumers/ports/log.ts'

/**
 * An event as it was once published, what came before it, and what it means: for ever. A file is written when a type, or
 * a version of one, is published first, and never changed.
 */
export type GoldenEvent = {
  readonly file: string
  /** CloudEvents in their bare shape, all of student `S-1` but a heartbeat. */
  readonly before: readonly object[]
  readonly event: { readonly type: string; readonly data?: unknown }
  /** What it reads as: type and data of the newest version; `null` for what is no fact about a student. */
  readonly fact: object | null
  /** Of each event, the last one last. */
  readonly outcomes: readonly string[]
  /** What student `S-1` is answered afterwards, enrolment by enrolment; `null` where nothing is. */
  readonly answers: readonly {
    readonly of: readonly [collectorCode: string | null, grade: string, yearStart: string]
    readonly now: unknown
    readonly later?: { readonly from: string; readonly answer: unknown }
  }[]
}

const folder = new URL('./events/', import.meta.url)

export const goldenEvents = (): readonly GoldenEvent[] =>
  readdirSync(folder)
    .sort()
    .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, folder), 'utf8')) }))

/** Each shape in which a publisher may have written it. */
export const shapesOf = (event: object): Readonly<Record<'bare' | 'structured' | 'binary', Shaped>> => {
  const value = Buffer.from(JSON.stringify(event))
  const { data, ...attributes } = event as Record<string, unknown>
  const headers = Object.entries(attributes).map(([name, text]) => [`ce_${name}`, Buffer.from(String(text))] as const)
  return {
    bare: { value, headers: [] },
    structured: { value, headers: [['content-type', Buffer.from('application/cloudevents+json')]] },
    binary: { value: data === undefined ? null : Buffer.from(JSON.stringify(data)), headers },
  }
}

export type Shaped = Pick<LogRecord, 'value' | 'headers'>
