import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { scriptFor } from '../../../src/cli/completion.ts'
import { buildProgram } from '../../../src/cli/program.ts'

const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
const { program } = buildProgram()

const leaves = (command: Command, words: readonly string[]): readonly (readonly [string, Command])[] =>
  command.commands.length === 0
    ? [[words.join(' '), command]]
    : command.commands.flatMap((one) => leaves(one, [...words, one.name()]))

const commands = leaves(program, ['pullgate'])
const sections = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? '', section]),
)

test('the reference has a section for every command, and for no other', () => {
  expect([...sections.keys()].sort()).toEqual(commands.map(([name]) => name).sort())
})

describe.each(commands)('%s', (name, command) => {
  test('has its options in the reference, and no others', () => {
    const rows = [...(sections.get(name) ?? '').matchAll(/^\| `(--[a-z-]+)` \|/gm)].map(([, option]) => option)
    expect(rows.sort()).toEqual(command.options.map(({ long }) => long).sort())
  })

  test('shows an example in its help', () => {
    let help = ''
    command.configureOutput({ writeOut: (part) => (help += part) })
    command.outputHelp()
    expect(help).toMatch(new RegExp(`Examples?:\\n(.*\\n)*? .*${name}`))
  })

  test.each(['bash', 'zsh', 'fish'] as const)('is completed in %s', (shell) => {
    const script = scriptFor(shell, program)
    for (const word of name.split(' ').slice(1)) expect(script).toContain(word)
    for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long)
  })
})

test('the reference names the outcomes of a comparison', async () => {
  const { OUTCOMES } = await import('../../../src/cli/audit/report.ts')
  const named = new Set(
    [...(sections.get('pullgate student diff') ?? '').matchAll(/`([a-z_]+)`/g)].map(([, word]) => word),
  )
  for (const outcome of OUTCOMES) expect(named).toContain(outcome)
})
