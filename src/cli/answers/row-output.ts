import { print, printLines } from '../command/output.ts'
import type { SupersededRow } from './superseded-row.ts'
import { SUPERSEDED_HEAD, supersededCsv, supersededLines } from './superseded-text.ts'

/** Beyond so many rows they come in the order in which they are found: sorting would hold all of them. */
const SORTED_AT_MOST = 20_000

/** Rows to stdout, by branch and time where they are not too many. `interrupt` takes the progress line away. */
export const rowOutput = (kind: 'json' | 'csv' | 'text', interrupt: () => void) => {
  let held: SupersededRow[] | null = []
  let count = 0
  const write = (row: SupersededRow): Promise<void> => {
    count += 1
    if (kind === 'json') return print(`${count === 1 ? '' : ','}${JSON.stringify(row)}`)
    return kind === 'csv' ? print(supersededCsv(row)) : printLines(supersededLines(row))
  }
  const release = async (): Promise<void> => {
    const rows = (held ?? []).sort(byBranchAndTime)
    held = null
    interrupt()
    for (const row of rows) await write(row)
  }
  return {
    begin: () => print(kind === 'json' ? '[' : kind === 'csv' ? SUPERSEDED_HEAD : ''),
    add: async (row: SupersededRow): Promise<void> => {
      if (held === null) return write(row)
      held.push(row)
      if (held.length > SORTED_AT_MOST) await release()
    },
    end: async (): Promise<void> => {
      if (held !== null) await release()
      if (kind === 'json') await print(']\n')
    },
  }
}

const byBranchAndTime = (a: SupersededRow, b: SupersededRow): number =>
  compare(a.collector_code ?? '', b.collector_code ?? '') || compare(a.at, b.at) || compare(a.identifier, b.identifier)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
