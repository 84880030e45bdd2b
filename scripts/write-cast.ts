// Plays `npm run demo -- --tour` and draws it as an animated SVG: docs/images/demo.svg. Needs what the demo needs.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const OUT = fileURLToPath(new URL('../docs/images/demo.svg', import.meta.url))
const [COLUMNS, ROWS, LINE_PX, CHAR_PX] = [100, 24, 18, 7.8] as const
/** A reader must be able to follow, and not to wait: the pause before a line, in milliseconds. */
const [LEAST_MS, MOST_MS] = [180, 1800] as const
const TITLE_MS = 1500
const HOLD_MS = 5000

type CastLine = { readonly text: string; readonly ms: number }

/** What the demo prints, each line with the time since the one before. Secrets of this run are left out. */
const record = (): Promise<readonly CastLine[]> =>
  new Promise((resolve, reject) => {
    const lines: CastLine[] = []
    let [rest, last] = ['', performance.now()]
    const child = spawn('npm', ['run', '--silent', 'demo', '--', '--tour'], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
    })
    child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) {
        const now = performance.now()
        const leastMs = isTitle(text) ? TITLE_MS : LEAST_MS
        lines.push({ text: shown(text), ms: Math.round(Math.min(MOST_MS, Math.max(leastMs, now - last))) })
        last = now
      }
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(lines) : reject(new Error(`the tour ended with ${code}`))))
  })

const shown = (text: string): string =>
  text
    .replace(/(curl -i -u \w+:)\S+/, '$1…')
    .replace(/;? ?the program's log: \S+/, '')
    .replace(/\/tmp\/\S+/g, '…')
    .slice(0, COLUMNS)

const isTitle = (text: string): boolean => /^\d+\. /.test(text)

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const draw = (lines: readonly CastLine[]): string => {
  const totalMs = lines.reduce((sum, { ms }) => sum + ms, HOLD_MS)
  const percent = (ms: number): string => `${((100 * ms) / totalMs).toFixed(2)}%`
  const [width, height] = [Math.round(COLUMNS * CHAR_PX) + 24, ROWS * LINE_PX + 24]
  const styles: string[] = []
  const scroll: string[] = ['0%{transform:translateY(0)}']
  let at = 0
  const texts = lines.map(({ text, ms }, index) => {
    at += ms
    styles.push(`@keyframes l${index}{0%,${percent(at - 1)}{opacity:0}${percent(at)},100%{opacity:1}}`)
    const hidden = Math.max(0, index + 1 - ROWS)
    if (hidden > 0) scroll.push(`${percent(at)}{transform:translateY(${-hidden * LINE_PX}px)}`)
    const kind = isTitle(text) ? 'title' : text.includes('✓') ? 'good' : 'plain'
    const y = (index + 1) * LINE_PX
    return `<text class="${kind}" y="${y}" style="animation:l${index} ${totalMs}ms infinite">${escaped(text) || ' '}</text>`
  })
  scroll.push(`100%{transform:translateY(${-Math.max(0, lines.length - ROWS) * LINE_PX}px)}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The demo in a terminal">
<style>
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d5dbe3;white-space:pre}
.title{fill:#8ab4ff;font-weight:600}.good{fill:#7ddb9a}
.page{animation:scroll ${totalMs}ms step-end infinite}
@keyframes scroll{${scroll.join('')}}
${styles.join('\n')}
@media (prefers-reduced-motion:reduce){*{animation:none!important}}
</style>
<rect width="100%" height="100%" rx="8" fill="#14181f"/>
<svg x="12" y="8" width="${width - 24}" height="${height - 16}"><g class="page">
${texts.join('\n')}
</g></svg>
</svg>
`
}

writeFileSync(OUT, draw(await record()))
