import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadPackages } from '../../../../src/tracing/packages.ts'

const away = () => Promise.reject(Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' }))

test('a package that is not installed is named, with the command that installs all of them', async () => {
  const load = (name: string) => (name === '@opentelemetry/resources' ? away() : Promise.resolve({}))
  const found = await loadPackages(load)
  expect(found).toEqual({
    kind: 'missing',
    name: '@opentelemetry/resources',
    mend: 'npm install @opentelemetry/api @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources',
  })
})

test('a package that is there and broken is no missing one', async () => {
  await expect(loadPackages(() => Promise.reject(new SyntaxError('x')))).rejects.toThrow(SyntaxError)
})

test('every package that is loaded is an optional peer, and no dependency', async () => {
  const names: string[] = []
  await loadPackages(async (name) => void names.push(name))
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  )
  for (const name of names) {
    expect(peerDependencies, name).toHaveProperty([name])
    expect(peerDependenciesMeta[name], name).toEqual({ optional: true })
    expect(dependencies, name).not.toHaveProperty([name])
  }
})
