import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PROSE = fileURLToPath(new URL('../../../scripts/prose.ts', import.meta.url))

/** What the check says of a tree with this one file. */
const refused = (file: string, text: string): string => {
  const root = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
  try {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    writeFileSync(join(root, file), text)
    return spawnSync(process.execPath, [PROSE], { cwd: root, encoding: 'utf8' }).stdout
  } finally {
    rmSync(root, { recursive: true })
  }
}

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')

test.each([
  ['src/a.ts', `/** ${words(31)}. */`],
  ['src/a.ts', `/**\n * ${words(16)}\n * ${words(15)}.\n */`],
  ['src/a.ts', `// ${words(16)}\n// ${words(15)}`],
  ['src/a/b.lua', `-- ${words(31)}`],
  ['docs/a.md', `# Title\n\n${words(31)}`],
  ['docs/a.md', `| a | ${words(31)} |`],
  ['README.md', `- ${words(20)}\n  ${words(11)}`],
])('in %s a sentence of 31 words is refused: %s', (file, text) => {
  expect(refused(file, text)).toContain(`${file}: a sentence of 31 words`)
})

test.each([
  ['src/a.ts', `/** ${words(30)}. ${words(30)}. */`],
  ['src/a.ts', `const text = '${words(60)}'`],
  ['src/a.ts', `const usage = \`\n  --a ${words(60)}\``],
  ['docs/a.md', `${words(30)}: ${words(30)}; ${words(30)}`],
  ['docs/a.md', `- ${words(20)}\n- ${words(20)}`],
  ['docs/a.md', `\`\`\`\n${words(60)}\n\`\`\``],
])('in %s this is not refused: %s', (file, text) => {
  expect(refused(file, text)).toBe('')
})
