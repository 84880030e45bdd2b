import { type AnswerSummary, type InstalmentSum, summaryOf } from '../../projections/answers/summary.ts'
import type { Paise } from '../../projections/values/ids.ts'

/**
 * The summary of a 200, read from its bytes in one pass: every pull pays for it, and to parse the whole body took four
 * times as long. It knows how the projection writes; a body that is written in another way, or has an escape behind its
 * fees, is parsed.
 */
export const scanSummary = (body: Uint8Array | string): AnswerSummary => {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const fees = bytes.indexOf(FEES)
  return (fees < 0 ? null : scan(bytes, fees + FEES.length)) ?? summaryOf(200, bytes.toString())
}

const FEES = Buffer.from('"fee_components":[')
const QUOTE = 34
const COMMA = 44
const POINT = 46
const DIGIT = 48
const COLON = 58
const BACKSLASH = 92
const OPEN = 91
const BRACE = 125

/** Members by first letter and length: no two of those that the projection writes share both. */
const isMember = (bytes: Buffer, from: number, to: number, name: string): boolean =>
  to - from === name.length && bytes[from] === name.charCodeAt(0)

const scan = (bytes: Buffer, start: number): AnswerSummary | null => {
  let payable = 0
  let instalments: InstalmentSum[] | null = null
  let entry: { due_date: string; reference_id: string | null; amount: number } | null = null
  let at = start
  const end = bytes.length
  while (at < end) {
    if (bytes[at++] !== QUOTE) continue
    const from = at
    while (at < end && bytes[at] !== QUOTE) if (bytes[at++] === BACKSLASH) return null
    const to = at++
    if (bytes[at] !== COLON) continue
    const value = ++at
    const first = bytes[value]!
    if (first === QUOTE) {
      // A text: the date begins an entry, everything else but the reference is passed over.
      const text = ++at
      while (at < end && bytes[at] !== QUOTE) if (bytes[at++] === BACKSLASH) return null
      if (isMember(bytes, from, to, 'due_date')) {
        entry = { due_date: bytes.toString('latin1', text, at), reference_id: null, amount: 0 }
        instalments?.push(entry as InstalmentSum)
      } else if (entry && isMember(bytes, from, to, 'reference_id'))
        entry.reference_id = bytes.toString('utf8', text, at)
      at++
    } else if (first >= DIGIT && first <= DIGIT + 9) {
      let [paise, decimals] = [0, -1]
      for (; bytes[at] !== COMMA && bytes[at] !== BRACE; at++) {
        const code = bytes[at]!
        if (code === POINT && decimals < 0) decimals = 0
        else if (code >= DIGIT && code <= DIGIT + 9 && decimals < 2) {
          paise = paise * 10 + code - DIGIT
          if (decimals >= 0) decimals++
        } else return null
      }
      paise *= decimals === 2 ? 1 : decimals === 1 ? 10 : 100
      if (isMember(bytes, from, to, 'fee_amount')) payable += paise
      else if (entry && isMember(bytes, from, to, 'amount')) entry.amount += paise
      else return null
    } else if (first === OPEN && isMember(bytes, from, to, 'payment_schedule')) instalments = []
  }
  return { status: 200, code: null, payable: payable as Paise, instalments }
}
