import { createHmac } from 'node:crypto'
import type { LogRecord } from '../../consumers/ports/log.ts'

/**
 * What has become of the answers of a day, found by another program: from the bytes of the two logs alone, with nothing of
 * the product's. It knows the few events that the day has.
 */

type Money = { fee: number | null; payments: Map<string, number>; left: boolean }
type Said = { readonly status: number; readonly payable: number | null }
type Event = {
  readonly at: string
  readonly offset: number
  readonly timestampMs: number
  readonly type: string
  readonly data: Record<string, unknown>
}

export type RowByHand = {
  readonly identifier: string
  readonly request_id: string
  readonly change: string
  readonly event: string
  readonly now: Said
  readonly undone_by: string | null
}

const HOUR_MS = 3_600_000

export const supersededByHand = (
  events: readonly LogRecord[],
  answers: readonly LogRecord[],
  ids: readonly string[],
  key: string,
  sinceMs: number,
  nowMs: number,
): readonly RowByHand[] => {
  const byKey = new Map(ids.map((id) => [createHmac('sha256', key).update(id).digest('hex'), id]))
  const byStudent = new Map<string, Event[]>()
  for (const { partition, offset, timestampMs, value } of events) {
    const { type, data } = JSON.parse(Buffer.from(value!).toString())
    const id = data.student.identifier as string
    byStudent.set(id, [...(byStudent.get(id) ?? []), { at: `${partition}:${offset}`, offset, timestampMs, type, data }])
  }
  const seen = new Set<string>()
  const rows: RowByHand[] = []
  for (const { key: bytes, value, headers, timestampMs } of answers) {
    const mark = Buffer.from(headers[0]![1]!).toString().split(':')
    if (seen.has(`${mark[0]}:${mark[1]}`)) continue
    seen.add(`${mark[0]}:${mark[1]}`)
    const told = JSON.parse(Buffer.from(value!).toString())
    const behindMs = timestampMs - Number(mark[2])
    const atMs = Date.parse(told.at) + (Math.abs(behindMs) > 60_000 ? behindMs : 0)
    if (timestampMs < sinceMs || atMs < sinceMs) continue
    const identifier = byKey.get(Buffer.from(bytes!).toString())!
    const row = rowOf(told, byStudent.get(identifier)!, Number(told.version.split(':')[1]), atMs, nowMs)
    if (row !== null) rows.push({ identifier, request_id: told.request_id, ...row })
  }
  return rows
}

const rowOf = (
  told: { status: number; payable?: number },
  events: readonly Event[],
  version: number,
  atMs: number,
  nowMs: number,
): Omit<RowByHand, 'identifier' | 'request_id'> | null => {
  const money: Money = { fee: null, payments: new Map(), left: false }
  let [change, event, undone_by]: [string | null, string | null, string | null] = [null, null, null]
  let last: { change: string; event: string } | null = null
  let now: Said = { status: told.status, payable: told.payable ?? null }
  for (const one of events) {
    if (one.offset > version && Math.min(one.timestampMs, nowMs) > atMs + 48 * HOUR_MS) break
    happen(money, one)
    if (one.offset <= version) continue
    now = said(money)
    const is = differs({ status: told.status, payable: told.payable ?? null }, now)
    if (is === change) continue
    if (is === null && change !== null) {
      last = { change, event: event! }
      undone_by = one.at
    }
    change = is
    event = is === null ? null : one.at
  }
  if (change !== null) return { change, event: event!, now, undone_by: null }
  return last && { ...last, now, undone_by }
}

const happen = (money: Money, { type, data }: Event): void => {
  if (type === 'erp.fees.assessed.v1') money.fee = (data['fee_components'] as { amount: number }[])[0]!.amount
  if (type === 'erp.fee.changed.v1') money.fee = data['amount'] as number
  if (type === 'erp.payment.recorded.v1') money.payments.set(data['payment_id'] as string, data['amount'] as number)
  if (type === 'erp.payment.reversed.v1') money.payments.delete(data['payment_id'] as string)
  if (type === 'erp.student.discontinued.v1') money.left = true
  if (type === 'erp.student.reinstated.v1') money.left = false
}

const said = ({ fee, payments, left }: Money): Said => {
  if (left) return { status: 422, payable: null }
  const paid = [...payments.values()].reduce((sum, one) => sum + one * 100, 0)
  return { status: 200, payable: Math.max(0, Math.round(fee! * 100 - paid)) / 100 }
}

const differs = (told: Said, now: Said): string | null => {
  if (now.payable === null) return told.payable === null ? null : 'left'
  if (told.payable === null) return 'returned'
  return now.payable === told.payable ? null : now.payable < told.payable ? 'lower' : 'higher'
}
