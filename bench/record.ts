import { readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { markdownOf, type Section } from './report.ts'

/** One part of the bench, as it was last measured. */
export type Part = { readonly command: string; readonly at: string; readonly sections: readonly Section[] }

/** What was measured on one machine with one set of versions, by the name of the part. */
export type BenchRecord = {
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly parts: Readonly<Record<string, Part>>
}

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}`

/**
 * Writes what was measured into `<path>.md` and `<path>.json`. Parts that were not measured now stay, unless they are of
 * another machine or of other versions.
 *
 * @param order of the parts in the report
 */
export const writeRecord = async (
  path: string,
  order: readonly string[],
  versions: BenchRecord['versions'],
  measured: Readonly<Record<string, Part>>,
): Promise<void> => {
  const now: BenchRecord = { machine: machine(), versions, parts: measured }
  const before = await readFile(`${path}.json`, 'utf8').then(JSON.parse, () => null)
  const record: BenchRecord = { ...now, parts: inOrder({ ...kept(before, now), ...measured }, order) }
  const figures = Object.assign({}, ...sectionsOf(record).map((section) => section.figures)) as Record<string, number>
  await writeFile(`${path}.json`, `${JSON.stringify({ ...record, figures }, null, 2)}\n`)
  await writeFile(`${path}.md`, textOf(record))
}

const kept = (before: BenchRecord | null, now: BenchRecord): BenchRecord['parts'] => {
  const conditions = ({ machine: on, versions }: BenchRecord): string => JSON.stringify([on, versions])
  return before?.parts && conditions(before) === conditions(now) ? before.parts : {}
}

const inOrder = (parts: BenchRecord['parts'], order: readonly string[]): BenchRecord['parts'] =>
  Object.fromEntries(order.flatMap((name) => (parts[name] ? [[name, parts[name]]] : [])))

const sectionsOf = ({ parts }: BenchRecord): readonly Section[] =>
  Object.values(parts).flatMap(({ sections }) => sections)

const textOf = ({ machine: on, versions, parts }: BenchRecord): string => {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const bodies = Object.values(parts).flatMap(({ command, at, sections }) =>
    sections.map((section) =>
      markdownOf({ ...section, findings: [...section.findings, `Measured by \`${command}\` at ${at}.`] }),
    ),
  )
  return `# Benchmarks

Written by \`npm run bench -- --write\`; the same figures for machines are in [benchmarks.json](benchmarks.json). Each section
says by which command it was measured, and when.

${on}; ${programs.join(', ')}. Kafka, Redis, the contenders and the load all run on this one machine.

Contenders of one table are started together and take turns in short slices, so that a machine whose speed drifts slows
them alike: the ratios count, absolute times belong to this machine and hour. CPU is that of whole processes as the system
counts it, a median over the slices with its least and greatest in brackets.

${bodies.join('\n')}`
}
