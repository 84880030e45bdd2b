import { cpus, release, totalmem } from 'node:os'
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

export type Head = {
  readonly command: string
  readonly at: string
  readonly versions: Readonly<Record<string, string>>
}

export const reportOf = ({ command, at, versions }: Head, sections: readonly Section[]): string =>
  `# Benchmarks

Written by \`${command}\` at ${at}; the same figures for machines are in [benchmarks.json](benchmarks.json).

${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}. Kafka, Redis, the contenders and the load all run on this one machine.

Contenders of one table are started together and take turns in short slices, so that a machine whose speed drifts slows
them alike: the ratios count, absolute times belong to this machine and hour. CPU is that of whole processes as the system
counts it, a median over the slices with its least and greatest in brackets.

${sections.map(markdownOf).join('\n')}`
