import { readFileSync } from 'node:fs'
import { parseRupees } from '../../projections/values/money.ts'
import { CliFailure } from './command/failure.ts'

/** What a file says of one branch and year; `payable` in paise. */
export type ExpectedTotal = {
  readonly collectorCode: string | null
  readonly yearStart: string
  readonly students: number
  readonly payable: number
}

const COLUMNS = ['collector_code', 'academic_year_start', 'students', 'payable'] as const

/** A CSV file with a head; an empty `collector_code` is no branch. */
export const readTotals = (file: string): readonly ExpectedTotal[] => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliFailure(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  const [head, ...rows] = rowsOf(text.replace(/^\uFEFF/, ''))
  if (head?.cells.map((cell) => cell.trim()).join(',') !== COLUMNS.join(','))
    throw new CliFailure(`${file}:1: the first line must be ${COLUMNS.join(',')}`)
  const seen = new Set<string>()
  return rows.map(({ cells, line }) => {
    const [code = '', year = '', students = '', payable = ''] = cells.map((cell) => cell.trim())
    const bad = (what: string): never => {
      throw new CliFailure(`${file}:${line}: ${what}`)
    }
    if (cells.length !== COLUMNS.length) bad(`it must have ${COLUMNS.length} columns`)
    if (year === '') bad('academic_year_start is empty')
    if (!/^\d{1,15}$/.test(students)) bad('students must be a whole number')
    const paise = paiseOf(payable) ?? bad('payable must be an amount in rupees with at most two decimals')
    if (seen.has(`${code}\0${year}`)) bad('this branch and year stand in the file already')
    seen.add(`${code}\0${year}`)
    return { collectorCode: code === '' ? null : code, yearStart: year, students: Number(students), payable: paise }
  })
}

/** Sums are greater than any amount of an event. */
const paiseOf = (text: string): number | null => {
  const [, whole, decimals = ''] = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text) ?? []
  if (whole === undefined) return null
  const rest = decimals === '' ? 0 : (parseRupees(`0.${decimals}`) ?? 0)
  return Number(whole) * 100 + rest
}

/** RFC 4180; empty lines are passed over. */
const rowsOf = (text: string): readonly { readonly cells: readonly string[]; readonly line: number }[] => {
  const rows: { cells: string[]; line: number }[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  let [line, began] = [1, 1]
  let cells: string[] = []
  while (cell.lastIndex < text.length || cells.length > 0) {
    const found = cell.exec(text)
    if (found === null) throw new CliFailure(`line ${line} is no CSV`)
    const [, quoted, plain = '', end] = found
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    line += (found[0].match(/\n/g) ?? []).length
    if (end === ',') continue
    if (cells.length > 1 || cells[0] !== '') rows.push({ cells, line: began })
    cells = []
    began = line
    if (end === '') break
  }
  return rows
}
