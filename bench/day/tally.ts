import type { IncomingMessage } from 'node:http'
import { quantile } from '../load.ts'
import type { Shot } from '../open-load.ts'
import { FEE_RISE_PAISE, firstDuePaise, idOf, wideShape } from '../world.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What became of a pull of the day. */
export type Pulled = {
  readonly index: number
  /** Whether the fee run changes the student. */
  readonly isTouched: boolean
  readonly source: string
  readonly bytes: number
  readonly verdict: Verdict | null
}

/** Of a 200; any other answer says nothing of a balance. */
export const pulledOf = (
  index: number,
  raised: number,
  { statusCode, headers }: IncomingMessage,
  body: string,
): Pulled => {
  const before = firstDuePaise(index, wideShape)
  return {
    index,
    isTouched: index < raised,
    source: String(headers['x-pullgate-source']),
    bytes: body.length,
    verdict:
      statusCode === 200
        ? verdictOf(body, idOf(index), before, index < raised ? before + FEE_RISE_PAISE : before)
        : null,
  }
}

export type Ack = { readonly upTo: number; readonly at: number }

/** When the broker had acknowledged the student's events; never, for one whom the fee run does not touch. */
export const ackedAt = (acks: readonly Ack[], index: number): number =>
  acks.find(({ upTo }) => upTo > index)?.at ?? Number.POSITIVE_INFINITY

/** What the projection answered of some pulls, in percent, and how fast at the slowest hundredth. */
export type HitShares = {
  readonly all: number
  readonly untouched: number
  readonly touched: number
  readonly hitP99Ms: number
  /** The same of untouched students: touched ones may wait for their event. */
  readonly untouchedHitP99Ms: number
}

export const hitSharesOf = (shots: readonly Shot[], pulled: readonly Pulled[]): HitShares => {
  const isHit = ({ status, turn }: Shot): boolean => status === 200 && pulled[turn]?.source === 'projection'
  const isTouched = ({ turn }: Shot): boolean => pulled[turn]?.isTouched === true
  const [touched, untouched] = [shots.filter(isTouched), shots.filter((shot) => !isTouched(shot))]
  const share = (asked: readonly Shot[]): number => (100 * asked.filter(isHit).length) / Math.max(1, asked.length)
  const p99 = (asked: readonly Shot[]): number =>
    quantile(
      asked.filter(isHit).map(({ ms }) => ms),
      0.99,
    )
  return {
    all: share(shots),
    untouched: share(untouched),
    touched: share(touched),
    hitP99Ms: p99(shots),
    untouchedHitP99Ms: p99(untouched),
  }
}

/** One line of the day's table: how fast, and answered by whom. */
export const rowOf = (name: string, gateway: string, shots: readonly Shot[], pulled: readonly Pulled[]): string[] => {
  const ms = shots.map((shot) => shot.ms)
  const share = (which: (shot: Shot) => boolean): string =>
    `${((100 * shots.filter(which).length) / Math.max(1, shots.length)).toFixed(1)} %`
  const by = (source: string) => (shot: Shot) => shot.status === 200 && pulled[shot.turn]?.source === source
  return [
    ...[name, gateway, shots.length.toLocaleString('en')],
    ...[0.5, 0.99].map((at) => quantile(ms, at).toFixed(1)),
    ...[share(by('projection')), share(by('erp')), share(({ status }) => status === 503)],
    share(({ status }) => status !== 200 && status !== 503),
  ]
}
