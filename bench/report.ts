import { quantile } from './load.ts'

/** One part of the report: what was measured, how, and the figures that a machine compares later. */
export type Section = {
  readonly title: string
  /** What was done, in a sentence or two. */
  readonly method: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What the rows come to, a sentence each. */
  readonly findings: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** `0.63 (0.58 to 0.66)` */
export const spread = (values: readonly number[], digits = 2): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`

export const markdownOf = ({ title, method, header, rows, findings }: Section): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
  return `## ${title}\n\n${method}\n\n${table}\n${findings.map((finding) => `\n${finding}\n`).join('')}`
}
