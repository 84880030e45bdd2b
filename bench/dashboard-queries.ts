import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { dashboards } from '../grafana/source/dashboards.ts'
import { privatePrometheus } from '../test/support/prometheus.ts'
import { cpuMicros } from './load.ts'
import { DAY_SECONDS, SCRAPE_SECONDS, synthesiseDay } from './synthetic-day.ts'

/**
 * Every query of every dashboard over a day of three replicas, as Grafana asks it: 300 points, one after the other.
 * Markdown on stdout. Needs prometheus and promtool, and some 100 MB in the temporary folder.
 */

const POINTS = 300
const step = Math.ceil(DAY_SECONDS / POINTS)

const asGrafana = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', `${Math.max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s`)
    .replaceAll('$__range', `${DAY_SECONDS}s`)
    .replaceAll('$top', '10')
    .replaceAll(/"\$\w+"/g, '".*"')

const end = Math.floor((Date.now() / 1000 - 10_800) / 7_200) * 7_200
let made = { series: 0, samples: 0 }
const prometheus = await privatePrometheus(
  async (dir) => {
    made = await synthesiseDay(dir, end)
    await writeFile(join(dir, 'prometheus.yml'), 'global: { scrape_interval: 15s }\n')
  },
  ['--storage.tsdb.retention.time=90d'],
)
try {
  const queries = Object.values(dashboards).flatMap(({ rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, kind, queries }) => queries.map(({ expr }) => ({ title, kind, expr: asGrafana(expr) }))),
    ),
  )
  const last = end - SCRAPE_SECONDS
  const round = async () => {
    const took: { title: string; ms: number; empty: boolean }[] = []
    for (const { title, kind, expr } of queries) {
      const began = performance.now()
      const found =
        kind === 'bargauge'
          ? await prometheus.query(expr, last)
          : await prometheus.queryRange(expr, last - DAY_SECONDS + step, last, step)
      took.push({ title, ms: performance.now() - began, empty: found.length === 0 })
    }
    return took
  }
  const sum = (took: readonly { ms: number }[]): number => took.reduce((all, { ms }) => all + ms, 0)
  const rounds: Awaited<ReturnType<typeof round>>[] = []
  const cpuMs: number[] = []
  for (let index = 0; index < 3; index += 1) {
    const before = cpuMicros(prometheus.pid)
    rounds.push(await round())
    cpuMs.push((cpuMicros(prometheus.pid) - before) / 1000)
  }
  const best = rounds.toSorted((a, b) => sum(a) - sum(b))[0]!
  const empty = best.filter((query) => query.empty).map(({ title }) => title)
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model}; ${made.series} series, ${made.samples} samples a day\n\n`,
  )
  process.stdout.write(`| | ms | CPU of Prometheus, ms |\n|---|---|---|\n`)
  for (const [index, took] of rounds.entries())
    process.stdout.write(
      `| all ${queries.length} queries, round ${index + 1} | ${sum(took).toFixed(0)} | ${cpuMs[index]!.toFixed(0)} |\n`,
    )
  for (const { title, ms } of best.toSorted((a, b) => b.ms - a.ms).slice(0, 8))
    process.stdout.write(`| ${title} | ${ms.toFixed(0)} | |\n`)
  process.stdout.write(`\nwithout data: ${empty.length === 0 ? 'none' : empty.join(', ')}\n`)
} finally {
  await prometheus.close()
}
