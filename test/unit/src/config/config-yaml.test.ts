import { expect, test } from 'vitest'
import { parseYaml } from '../../../../src/config/yaml.ts'

const problemsOf = (text: string) => parseYaml(text).problems

test('a key that is given twice is named with its path', () => {
  expect(problemsOf('a: { b: [ { c: 1, c: 2 } ] }\na: 1')).toEqual([
    { path: 'a.b[0].c', message: 'the key is given twice' },
    { path: 'a', message: 'the key is given twice' },
  ])
})

test('aliases are refused, so that none can be a bomb', () => {
  const bomb = [
    'a: &a [x, x]',
    ...'bcdefghijk'.split('').map((key, i) => `${key}: &${key} [*${'abcdefghij'[i]}, *${'abcdefghij'[i]}]`),
  ]
  expect(problemsOf(bomb.join('\n'))[0]).toEqual({
    path: 'b[0]',
    message: 'aliases are not supported: write the value out',
  })
  expect(problemsOf('a: &a [*a]')).toHaveLength(1)
})

test('what is no YAML is told by kind and place, never by its text', () => {
  const [problem] = problemsOf('clients:\n  - password: "hunter2\n')
  expect(problem?.message).toMatch(/^not valid YAML: .+ at line \d+, column \d+$/)
  expect(JSON.stringify(problemsOf('a: hunter2: x'))).not.toContain('hunter2')
  expect(JSON.stringify(problemsOf('a: !secret hunter2'))).not.toContain('hunter2')
})

test.each([
  ['nesting without end', '['.repeat(50_000)],
  ['a flow of 40 levels', '['.repeat(40) + ']'.repeat(40)],
  ['two documents', 'a: 1\n---\nb: 2'],
  ['a tag', 'a: !!js/function x'],
  ['more than a mebibyte', `a: ${'x'.repeat(1_048_577)}`],
  ['a key that is no text', '? [1, 2]\n: 3'],
])('%s is a problem', (_, text) => {
  expect(problemsOf(text).length).toBeGreaterThan(0)
})

test('a number with leading zeros keeps its text', () => {
  expect(parseYaml('a: 007\nb: 7\nc: "007"\nd: 0\ne: 0.5')).toMatchObject({
    ok: true,
    value: { a: '007', b: 7, c: '007', d: 0 },
  })
})
