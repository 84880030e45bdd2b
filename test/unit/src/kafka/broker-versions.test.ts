import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEEDED_VERSIONS, refuseTooOld } from '../../../../src/kafka/broker-versions.ts'

const speaking = (maxVersions: Readonly<Record<number, number>>) => ({
  versions: Object.fromEntries(
    Object.entries(maxVersions).map(([api, maxVersion]) => [api, { minVersion: 0, maxVersion }]),
  ),
})
const enough = Object.fromEntries(NEEDED_VERSIONS.map(({ api, version }) => [api, version]))

test('a broker that has all that is needed is taken', () => {
  expect(() => refuseTooOld(speaking(enough), '1 (broker:9092)')).not.toThrow()
})

test('a broker that lacks a version is named, with the version found and the one needed', () => {
  expect(() => refuseTooOld(speaking({ ...enough, 1: 12 }), '1 (broker:9092)')).toThrow(
    'broker 1 (broker:9092) has the request Fetch in versions 0 to 12, and version 13 is needed (Apache Kafka 3.1 or later)',
  )
})

test('a broker that lacks a request is named too', () => {
  expect(() => refuseTooOld({ versions: {} }, '1 (broker:9092)')).toThrow('has the request Fetch not at all')
})

test('the documentation names each request, and the version that is needed', () => {
  const page = readFileSync(new URL('../../../../docs/brokers.md', import.meta.url), 'utf8')
  for (const { name, version, since } of NEEDED_VERSIONS) expect(page).toContain(`| ${name} | ${version} | ${since} |`)
})
