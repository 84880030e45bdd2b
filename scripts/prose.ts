// Refuses sentences of more than 30 words in comments and docs: readers' first language may not be English.
import { globSync, readFileSync } from 'node:fs'

const MOST_WORDS = 30

const CODE = '{projections,consumers,src,test,bench,scripts,showcase,grafana/source,bin}/**/*.{ts,mjs,lua}'
/** Licence texts and the history of releases are not ours to shorten. */
const DOCS = '{*.md,docs/**/*.md,deploy/**/*.md,publishers/**/*.md,grafana/**/*.md,test/**/*.md}'
const LEFT_OUT = /node_modules|(^|\/)(target|build|vendor)\//

/** Comment texts of a source file: blocks, and runs of line comments. */
const commentsOf = (text: string, mark: '//' | '--'): readonly string[] => [
  ...[...text.matchAll(/\/\*\*?([\s\S]*?)\*\//g)].map(([, body = '']) => body.replace(/^[ \t]*\*/gm, ' ')),
  ...runsOf(text, mark),
]

const runsOf = (text: string, mark: '//' | '--'): readonly string[] => {
  const runs: string[][] = [[]]
  for (const line of text.split('\n').map((line) => line.trim())) {
    if (line.startsWith(mark)) runs.at(-1)!.push(line.slice(mark.length))
    else runs.push([])
  }
  return runs.map((run) => run.join('\n'))
}

/** Paragraphs, list items and table cells of a page, without code blocks. */
const paragraphsOf = (text: string): readonly string[] =>
  text
    .replace(/```[\s\S]*?```/g, '\n\n')
    .split(/\n\s*\n|\n(?=\s*(?:[-*>|#]|\d+\.)\s?)/)
    .flatMap((part) => (part.trimStart().startsWith('|') ? part.split('|') : [part]))

/** A sentence ends at a full stop; for this check also at a colon, a semicolon, a table cell, and a new item or tag. */
const sentencesOf = (paragraph: string): readonly string[] =>
  paragraph
    .replace(/\n\s*\n/g, '. ')
    .replace(/\n\s*(?:[-*]|\d+\.|@\w+)\s/g, '. ')
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?:;][)"'”*_`]*)\s+|\s[|·]\s/)

const wordsIn = (sentence: string): number => sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length

let found = 0
const check = (file: string, parts: readonly string[]): void => {
  for (const sentence of parts.flatMap(sentencesOf)) {
    const words = wordsIn(sentence)
    if (words <= MOST_WORDS) continue
    found += 1
    process.stdout.write(`${file}: a sentence of ${words} words: ${sentence.trim().slice(0, 90)}…\n`)
  }
}

const files = (pattern: string): readonly string[] => globSync(pattern).filter((file) => !LEFT_OUT.test(file))
for (const file of files(CODE)) check(file, commentsOf(readFileSync(file, 'utf8'), file.endsWith('.lua') ? '--' : '//'))
for (const file of files(DOCS)) check(file, paragraphsOf(readFileSync(file, 'utf8')))
process.exitCode = found === 0 ? 0 : 1
