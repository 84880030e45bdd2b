import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { KAFKA_VERSION } from '../scripts/setup/kafka.mjs'
import { VERSION } from '../src/version.ts'
import { redisVersion } from './machine.ts'
import { nameProfiles, profileInto } from './profiles.ts'
import { type Part, writeRecord } from './record.ts'
import { markdownOf, type Section } from './report.ts'
import { applySection } from './sections/apply.ts'
import { daySection } from './sections/day.ts'
import { fallbackSection } from './sections/fallback.ts'
import { freshnessSection } from './sections/freshness.ts'
import { readSections } from './sections/read.ts'
import { rebuildSections } from './sections/rebuild.ts'
import { scaleSections } from './sections/scale.ts'
import { startSection } from './sections/start.ts'
import { sizes } from './sizes.ts'
import { openStage, type Stage } from './stage.ts'

/**
 * Every path against its floor, in one run: `npm run bench -- [--quick | --full] [--only read,start] [--write] [--cpu-prof]`.
 * Markdown goes to stdout as it comes; `--write` puts it into docs/benchmarks.md, with the figures beside it; `--cpu-prof`
 * leaves a CPU profile of every process in a folder of its own under profiles/.
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
  },
})

const size = options.quick ? sizes.quick : options.full ? sizes.full : sizes.usual
const { students, rounds, sliceMs } = size

let stage: Promise<Stage> | undefined
/** One school group for all the sections that measure on it. */
const shared = (): Promise<Stage> => (stage ??= openStage(students))

/** In this order: applying is the last on the shared stage, for it leaves students whose facts do not add up. */
const parts: Readonly<Record<string, () => Promise<readonly Section[]>>> = {
  read: async () => readSections(await shared(), students, rounds, sliceMs),
  freshness: async () => [await freshnessSection(await shared(), students, size.pulls, size.background)],
  start: async () => [await startSection(await shared(), students, size.starts, size.idleMs)],
  apply: async () => [await applySection(await shared(), students, size.events, size.applyRounds)],
  day: async () => [await daySection(size.day)],
  scale: () => scaleSections(size.scale),
  rebuild: () => rebuildSections(size.rebuild),
  fallback: async () => [await fallbackSection(4 + rounds)],
}

const chosen = options.only?.split(',') ?? Object.keys(parts)
const unknown = chosen.filter((name) => parts[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`there is no ${unknown.join(', ')}; --only takes ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}

const at = new Date().toISOString()
const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const profiles = folder(`profiles/${at.replaceAll(':', '-')}`)
if (options['cpu-prof']) await profileInto(profiles)

const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim()
const measured: Record<string, Part> = {}
try {
  for (const name of chosen) {
    const sections = await parts[name]!()
    for (const section of sections) process.stdout.write(`${markdownOf(section)}\n`)
    measured[name] = { command, at, sections }
  }
  if (options.write) {
    const versions = { Pullgate: VERSION, Node: process.version, Kafka: KAFKA_VERSION, Redis: await redisVersion() }
    await writeRecord(folder('docs/benchmarks'), Object.keys(parts), versions, measured)
  }
} finally {
  await (await stage)?.close()
  if (options['cpu-prof'])
    process.stderr.write(
      `${(await nameProfiles(profiles)).map((file) => `${relative('.', profiles)}/${file}\n`).join('')}`,
    )
}
