import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { buildProgram } from '../../../src/cli/program.ts'
import { problemsOf } from '../../support/promql.ts'

/** What the runbook gives to paste must work when it is pasted. */
const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
const lines = [...runbook.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block = '']) => block.trim().split('\n'))
const inline = [...runbook.matchAll(/`(npx pullgate [^`]+)`/g)].map(([, command = '']) => command)
const commands = [...new Set([...lines.filter((line) => line.startsWith('npx pullgate ')), ...inline])]
const queries = [
  ...new Set(lines.flatMap((line) => /^promtool query instant \$PROMETHEUS '(.+)'$/.exec(line)?.[1] ?? [])),
]

test.each(commands)('%s is a command with these options', (text) => {
  const words = (text.split('|')[0] ?? '').trim().split(/\s+/).slice(2)
  let command: Command = buildProgram().program
  while (command.commands.length > 0) {
    const next = command.commands.find((one) => one.name() === words[0])
    expect(next, `${words[0]} of "${text}"`).toBeDefined()
    command = next!
    words.shift()
  }
  const options = new Map(command.options.map((option) => [option.long, option]))
  const given: string[] = []
  while (words.length > 0) {
    const word = words.shift()!
    if (!word.startsWith('-')) given.push(word)
    else {
      expect(options.has(word), `${word} of "${text}"`).toBe(true)
      if (options.get(word)!.required) words.shift()
    }
  }
  const { registeredArguments } = command
  expect(given.length).toBeGreaterThanOrEqual(registeredArguments.filter(({ required }) => required).length)
  expect(given.length).toBeLessThanOrEqual(registeredArguments.length)
})

test.each(queries)('%s asks for what the program exposes', (query) => {
  expect(problemsOf(query)).toEqual([])
})
