import { readFileSync } from 'node:fs'

/**
 * The runbook as a page of this program, readable without the internet. It renders the Markdown that docs/runbook.md
 * uses: headings, paragraphs, lists, code, bold text and links.
 */
export const runbookPage = (): string => {
  const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Pullgate runbook</title><style>${STYLE}</style></head><body><main><p><a href="/">Status</a></p>
${render(text)}
</main></body></html>`
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0}
main{max-width:900px;margin:0 auto;padding:16px}pre{overflow:auto;padding:10px;border:1px solid;border-radius:6px}
code{font-size:.92em}h2{margin-top:2em;scroll-margin-top:1em}h2:target{outline:2px solid;outline-offset:6px}`

/** True for links within the runbook: other pages are not served here. */
const isHere = (target: string): boolean => target.startsWith('#')

export const render = (markdown: string): string =>
  markdown
    .split(/^(```\w*\n[\s\S]*?\n```)$/m)
    .map((part) => (part.startsWith('```') ? codeBlock(part) : blocks(part)))
    .join('\n')

const codeBlock = (part: string): string =>
  `<pre><code>${escaped(part.replace(/^```\w*\n/, '').replace(/\n```$/, ''))}</code></pre>`

const blocks = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map(blockHtml)
    .join('\n')

const blockHtml = (block: string): string => {
  const heading = /^(#+) (.+)$/.exec(block)
  if (heading) {
    const level = heading[1]!.length
    return `<h${level} id="${anchorOf(heading[2]!)}">${inline(heading[2]!)}</h${level}>`
  }
  const items = block.split(/\n(?=(?:-|\d+\.) )/)
  if (items.every((item) => /^(?:-|\d+\.) /.test(item)))
    return `<ul>${items.map((item) => `<li>${inline(item.replace(/^(?:-|\d+\.) /, ''))}</li>`).join('')}</ul>`
  return `<p>${inline(block)}</p>`
}

/** The anchors that GitHub makes for the runbook's headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replace(/ /g, '-')

const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`')
        ? `<code>${escaped(part.slice(1, -1))}</code>`
        : linked(escaped(part)).replace(BOLD, '<b>$1</b>'),
    )
    .join('')

const BOLD = /\*\*([^*]+)\*\*/g
const linked = (text: string): string =>
  text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, label: string, target: string) =>
    isHere(target) ? `<a href="${target}">${label}</a>` : `${label} (${target})`,
  )

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
