import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { KAFKA_VERSION } from '../scripts/setup/kafka.mjs'
import { VERSION } from '../src/version.ts'
import { markdownOf, reportOf, type Section } from './report.ts'
import { applySection } from './sections/apply.ts'
import { freshnessSection } from './sections/freshness.ts'
import { readSections } from './sections/read.ts'
import { startSection } from './sections/start.ts'
import { openStage, type Stage } from './stage.ts'

/**
 * Every path against its floor, in one run; applying comes last, for it leaves students whose facts do not add up: `npm run bench -- [--quick | --full] [--only read,freshness,start,apply]
 * [--write]`. Markdown goes to stdout as it comes; `--write` makes it docs/benchmarks.md, with the figures beside it.
 * For a profile: `NODE_OPTIONS='--cpu-prof --cpu-prof-dir=profiles' npm run bench -- --quick --only read`.
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: 'read,freshness,start,apply' },
    write: { type: 'boolean', default: false },
  },
})

const size = options.quick
  ? { students: 5_000, events: 60_000, rounds: 3, applyRounds: 1, pulls: 150, starts: 1, background: 1_000 }
  : options.full
    ? { students: 1_000_000, events: 1_000_000, rounds: 12, applyRounds: 2, pulls: 1_000, starts: 5, background: 5_000 }
    : { students: 100_000, events: 200_000, rounds: 6, applyRounds: 2, pulls: 400, starts: 3, background: 2_000 }

const parts: Readonly<Record<string, (stage: Stage) => Promise<readonly Section[]>>> = {
  apply: async (stage) => [await applySection(stage, size.students, size.events, size.applyRounds)],
  read: (stage) => readSections(stage, size.students, size.rounds),
  freshness: async (stage) => [await freshnessSection(stage, size.students, size.pulls, size.background)],
  start: async (stage) => [await startSection(stage, size.students, size.starts)],
}

const chosen = options.only.split(',')
const unknown = chosen.filter((name) => parts[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`there is no ${unknown.join(', ')}; --only takes ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}

const stage = await openStage(size.students)
const sections: Section[] = []
try {
  for (const name of chosen) {
    for (const section of await parts[name]!(stage)) {
      sections.push(section)
      process.stdout.write(`${markdownOf(section)}\n`)
    }
  }
  const redis = new Redis({ port: stage.redis.port })
  const redisVersion = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
  redis.disconnect()
  const head = {
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
    at: new Date().toISOString(),
    versions: { Pullgate: VERSION, Node: process.version, Kafka: KAFKA_VERSION, Redis: redisVersion },
  }
  if (options.write) {
    const figures = Object.assign({}, ...sections.map((section) => section.figures)) as Record<string, number>
    const at = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url))
    await writeFile(at('benchmarks.md'), reportOf(head, sections))
    await writeFile(at('benchmarks.json'), `${JSON.stringify({ ...head, figures }, null, 2)}\n`)
  }
} finally {
  await stage.close()
}
