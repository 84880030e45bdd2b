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
    mend: 'npm install @opentelemetry/sdk-trace-base@2 @opentelemetry/exporter-trace-otlp-http@0.223 @opentelemetry/resources@2',
  })
})

test('a package that is there and broken is no missing one', async () => {
  await expect(loadPackages(() => Promise.reject(new SyntaxError('x')))).rejects.toThrow(SyntaxError)
})

test('the API is a dependency; every other package is an optional peer in the version that is tested and told', async () => {
  const names: string[] = []
  await loadPackages(async (name) => void names.push(name))
  const found = await loadPackages(away)
  const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  )
  expect(names.filter((name) => dependencies[name])).toEqual(['@opentelemetry/api'])
  for (const name of names.filter((one) => one !== '@opentelemetry/api')) {
    expect(peerDependencies[name], name).toBe(`^${devDependencies[name]}`)
    expect(peerDependenciesMeta[name], name).toEqual({ optional: true })
    const [, told = ''] = (found.kind === 'missing' ? found.mend : '').split(`${name}@`)
    expect(devDependencies[name].startsWith(told.split(' ')[0]), name).toBe(true)
  }
})
