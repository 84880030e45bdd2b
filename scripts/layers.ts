// Holds every import to the floors below, refuses circles of files and of folders, and keeps packages behind their ports.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/**
 * The allowed imports, from the bottom up. Each line names a folder and the other folders that it may import. `src`
 * means the files directly in `src/`. A folder without a line is a problem.
 */
const FLOORS: readonly (readonly [folder: string, ...below: string[]])[] = [
  ['projections/values'],
  ['projections/events', 'projections/values'],
  ['projections/state', 'projections/values', 'projections/events'],
  ['projections/fees', 'projections/values', 'projections/events', 'projections/state'],
  ['projections/sequence', 'projections/values', 'projections/events', 'projections/state', 'projections/fees'],
  [
    'projections/answers',
    'projections/values',
    'projections/events',
    'projections/state',
    'projections/fees',
    'projections/sequence',
  ],
  ['consumers/ports', 'projections'],
  ['consumers/stored', 'projections', 'consumers/ports'],
  ['consumers/events', 'projections', 'consumers/ports'],
  ['consumers/dead-letters', 'projections', 'consumers/ports', 'consumers/stored', 'consumers/events'],
  ['consumers/rerouting', 'projections', 'consumers/ports', 'consumers/stored', 'consumers/events'],
  ['consumers/scout', 'projections', 'consumers/ports', 'consumers/stored', 'consumers/events', 'consumers/rerouting'],
  [
    'consumers/projector',
    'projections',
    'consumers/ports',
    'consumers/stored',
    'consumers/events',
    'consumers/dead-letters',
    'consumers/rerouting',
    'consumers/scout',
  ],
  ['consumers/history', 'projections', 'consumers'],
  ['src', 'package.json'],
  ['src/config', 'projections/values', 'src'],
  ['src/log', 'consumers/ports'],
  ['src/kafka/protocol', 'consumers/ports'],
  ['src/kafka/login', 'src', 'src/kafka/protocol'],
  ['src/kafka', 'consumers/ports', 'src', 'src/log', 'src/kafka/protocol', 'src/kafka/login'],
  ['src/redis', 'projections/values', 'consumers/ports', 'src'],
  ['src/sqlite/log', 'consumers/ports', 'src', 'src/log'],
  ['src/sqlite/store', 'projections/values', 'consumers/ports', 'src'],
  ['src/sqlite', 'consumers/ports', 'src', 'src/sqlite/log', 'src/sqlite/store'],
  ['src/memory', 'projections/values', 'consumers/ports', 'src', 'src/log'],
  ['src/erp', 'projections', 'src', 'src/config'],
  ['src/pull', 'projections', 'consumers', 'src', 'src/config', 'src/erp'],
  ['src/rebuild', 'projections', 'consumers', 'src', 'src/log'],
  ['src/audit', 'projections', 'consumers', 'src', 'src/config', 'src/erp'],
  ['src/answers', 'projections', 'consumers', 'src', 'src/config', 'src/pull'],
  ['src/documents', 'projections', 'consumers', 'src', 'src/config', 'src/pull'],
  ['src/metrics', 'projections', 'consumers/ports', 'src', 'src/config', 'src/erp', 'src/pull'],
  ['src/tracing', 'consumers', 'src/erp', 'src/pull'],
  ['src/http', 'projections', 'src', 'src/config', 'src/pull', 'src/metrics'],
  ['src/ingest', 'projections', 'consumers', 'src', 'src/config', 'src/metrics', 'src/http'],
  ['src/status', 'src', 'src/config', 'src/metrics'],
  [
    'src/roles',
    'projections',
    'consumers',
    'src',
    'src/config',
    'src/log',
    'src/kafka',
    'src/redis',
    'src/sqlite',
    'src/sqlite/log',
    'src/erp',
    'src/pull',
    'src/rebuild',
    'src/answers',
    'src/metrics',
    'src/http',
    'src/ingest',
    'src/status',
    'src/tracing',
  ],
  ['src/cli', 'projections', 'consumers', 'src', 'src/*', 'src/cli/*'],
  ['src/cli/*', 'projections', 'consumers', 'src', 'src/*', 'src/cli/*'],
]

/** What a top-level folder may import in addition to files: packages and Node's own modules. */
const PACKAGES: readonly (readonly [top: string, may: RegExp])[] = [
  ['projections', /^zod$/],
  ['consumers', /^node:|^zod$/],
  ['src', /^node:|^[a-z@]/],
]

/** Packages that only one folder may import, each behind a port. */
const HOMES: readonly (readonly [RegExp, RegExp])[] = [
  [/^kafkajs|^snappy$|^lz4-napi$/, /^src\/kafka\//],
  [/^ioredis/, /^src\/redis\//],
  [/^prom-client/, /^src\/metrics\//],
  [/^node:sqlite/, /^src\/sqlite\//],
  [/^opossum|^undici/, /^src\/erp\//],
  [/^fastify$|^@fastify\//, /^src\/(http|ingest)\//],
]

/** Import statements begin a line; comments and templates about imports do not match. */
const IMPORT = /\b(?:(?:from|import)\s+|import\(\s*)'([^'\n]+)'/g
/** The program's entry is in `src/`, but it starts the commands. */
const ENTRY = 'src/main.ts'

type Edge = { readonly file: string; readonly target: string }

const problems: string[] = []
const edges: Edge[] = []
const files = ['projections', 'consumers', 'src'].flatMap((top) => globSync(`${top}/**/*.ts`)).map(normalize)

const matches = (folder: string, pattern: string): boolean =>
  pattern.endsWith('/*') ? folder.startsWith(pattern.slice(0, -1)) : folder === pattern

const floorOf = (folder: string) =>
  FLOORS.find(([name]) => name === folder) ?? FLOORS.find(([name]) => matches(folder, name))

/** `projections` and `consumers` stand for all of their folders. */
const isBelow = (folder: string, below: string): boolean =>
  matches(folder, below) || (/^(projections|consumers)$/.test(below) && folder.startsWith(`${below}/`))

const checkFile = (file: string, target: string): void => {
  const [from, to] = [dirname(file), target === 'package.json' ? target : dirname(target)]
  const floor = floorOf(from)
  if (floor && from !== to && !floor.slice(1).some((below) => isBelow(to, below)))
    problems.push(`${file}: ${from}/ must not import ${target}`)
}

const checkPackage = (file: string, name: string): void => {
  const may = PACKAGES.find(([top]) => file.startsWith(`${top}/`))?.[1]
  if (may && !may.test(name)) problems.push(`${file}: ${dirname(file)}/ must not import ${name}`)
  for (const [packages, home] of HOMES)
    if (packages.test(name) && !home.test(file)) problems.push(`${file}: ${name} belongs behind its port`)
}

for (const file of files) {
  const text = readFileSync(file, 'utf8')
  if (!floorOf(dirname(file))) problems.push(`${file}: ${dirname(file)}/ has no floor in scripts/layers.ts`)
  for (const [, specifier = ''] of text.matchAll(IMPORT)) {
    if (!specifier.startsWith('.')) {
      checkPackage(file, specifier)
      continue
    }
    const target = normalize(join(dirname(file), specifier))
    if (file !== ENTRY) checkFile(file, target)
    if (existsSync(target)) edges.push({ file, target })
  }
  if (/process\.env/.test(text) && !/^src\/(config|cli)\//.test(file))
    problems.push(`${file}: only src/config and src/cli read the environment`)
}

/** The writers of a terminal show control characters; what anything else writes might not. */
const WRITERS = ['src/cli/command/output.ts', 'src/logging.ts']
const WRITES = /\bconsole\.|\bprocess\.(stdout|stderr)\b|\bwriteSync\(\s*[12]\b/
for (const file of files)
  if (WRITES.test(readFileSync(file, 'utf8')) && !WRITERS.includes(file))
    problems.push(`${file}: only ${WRITERS.join(' and ')} write to the terminal`)

/** One circle, as the names along it, or `null`. */
const circleOf = (links: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null => {
  const done = new Set<string>()
  const walk = (name: string, path: readonly string[]): readonly string[] | null => {
    const at = path.indexOf(name)
    if (at >= 0) return [...path.slice(at), name]
    if (done.has(name)) return null
    for (const next of links.get(name) ?? []) {
      const circle = walk(next, [...path, name])
      if (circle) return circle
    }
    done.add(name)
    return null
  }
  for (const name of links.keys()) {
    const circle = walk(name, [])
    if (circle) return circle
  }
  return null
}

const linksBy = (nameOf: (file: string) => string): ReadonlyMap<string, ReadonlySet<string>> => {
  const links = new Map<string, Set<string>>()
  for (const { file, target } of edges) {
    const [from, to] = [nameOf(file), nameOf(target)]
    if (from !== to && file !== ENTRY) links.set(from, (links.get(from) ?? new Set()).add(to))
  }
  return links
}

for (const [what, nameOf] of [
  ['files', (file: string) => file],
  ['folders', (file: string) => dirname(file)],
] as const) {
  const circle = circleOf(linksBy(nameOf))
  if (circle) problems.push(`circle of ${what}: ${circle.join(' → ')}`)
}

for (const problem of problems) process.stdout.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
