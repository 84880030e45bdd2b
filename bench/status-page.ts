import { cpus } from 'node:os'
import { chromium } from 'playwright-core'
import { requireChromium } from '../scripts/setup/tools.mjs'
import { embeddedProgram } from '../test/support/embedded-program.ts'
import { cpuMicros, quantile } from './load.ts'

/**
 * What the status page weighs: its bytes, the time to its first paint in a browser on the same machine, and the CPU that
 * five viewers cost the program. Embedded operation: node bench/status-page.ts; Markdown on stdout.
 */
const LOADS = 10
const VIEWERS = 5
const SLICE_MS = 10_000
const ROUNDS = 3

const paint = (): number => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN

const paintOf = async (url: string): Promise<number> => {
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  const ms = await page.evaluate(paint)
  await page.close()
  return ms
}

const medianOf = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )

const embedded = await embeddedProgram()
const browser = await chromium.launch({ executablePath: await requireChromium(() => {}), args: ['--no-sandbox'] })
try {
  const { metricsUrl, pid } = await embedded.program.start('all')
  const bytes = (await (await fetch(metricsUrl)).arrayBuffer()).byteLength
  const paints: number[] = []
  const barePaints: number[] = []
  for (let load = 0; load < LOADS; load += 1) {
    paints.push(await paintOf(metricsUrl))
    barePaints.push(await paintOf(`${metricsUrl}/livez`))
  }

  const share = async (): Promise<number> => {
    const before = cpuMicros(pid)
    await new Promise((resolve) => setTimeout(resolve, SLICE_MS))
    return (cpuMicros(pid) - before) / (SLICE_MS * 1000)
  }
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await share()
    const leave = new AbortController()
    const viewers = Array.from({ length: VIEWERS }, async () => {
      const response = await fetch(new URL('/status/events', metricsUrl), { signal: leave.signal })
      for await (const _ of response.body!);
    })
    costs.push((await share()) - alone)
    leave.abort()
    await Promise.allSettled(viewers)
  }
  process.stdout.write(
    `| bytes of the page | first paint, median of ${LOADS} | the same of one line of text | ${VIEWERS} viewers, share of a core |
|---|---|---|---|
| ${bytes} | ${medianOf(paints).toFixed(0)} ms | ${medianOf(barePaints).toFixed(0)} ms | ${(100 * medianOf(costs)).toFixed(2)} % |

${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}
`,
  )
} finally {
  await browser.close()
  await embedded.close()
}
