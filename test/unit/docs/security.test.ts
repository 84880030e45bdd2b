import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { thirdParty } from '../../../scripts/third-party.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/security.md')

test('every test that the threat model names is there, and every attack is named', () => {
  const named = new Set([...page.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path]) => path!))
  expect([...named].filter((path) => !existsSync(new URL(`../../../${path}`, import.meta.url)))).toEqual([])
  const attacks = globSync('test/hostile/*.test.ts', { cwd: new URL('../../..', import.meta.url) })
  expect(attacks.filter((path) => !named.has(path))).toEqual([])
})

test('THIRD-PARTY.md lists the production packages as they are locked', () => {
  expect(read('THIRD-PARTY.md')).toBe(thirdParty(read('package-lock.json')))
})

test('every production package may be used as this one is', () => {
  const [, ...licences] = [...read('THIRD-PARTY.md').matchAll(/^\| \S+ \| \S+ \| (.+) \|$/gm)].map(
    ([, licence]) => licence,
  )
  expect(
    [...new Set(licences)].filter((licence) => !/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)$/.test(licence!)),
  ).toEqual([])
})
