import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { KAFKA_VERSION } from '../../../scripts/setup/kafka.mjs'

type Service = {
  readonly image: string
  readonly build?: string
  readonly profiles?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: object
}

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }
const foreign = Object.entries(services).filter(([, { build }]) => build === undefined)
const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }

describe('docker-compose.yml', () => {
  test.each(foreign)('%s is pinned to an exact version and checked for health', (_, { image, healthcheck }) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+(-[a-z]+)?$/)
    expect(healthcheck).toBeDefined()
  })

  test('kafka is the version that is started without Docker', () => {
    expect(services['kafka']?.image).toBe(`apache/kafka:${KAFKA_VERSION}`)
  })

  test('kafka and redis start without a profile', () => {
    const always = Object.entries(services).filter(([, { profiles }]) => profiles === undefined)
    expect(always.map(([name]) => name)).toEqual(['kafka', 'redis'])
  })

  test('every port is published on the loopback address alone', () => {
    for (const port of Object.values(services).flatMap(({ ports = [] }) => ports))
      expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('what prometheus and grafana mount is there', () => {
    const mounts = ['prometheus', 'grafana'].flatMap((name) => services[name]?.volumes ?? [])
    for (const mount of mounts) expect(existsSync(new URL(mount.split(':')[0] ?? '', root))).toBe(true)
  })
})

test('the image runs the Node that is pinned, as a user of its own', () => {
  const lines = read('Dockerfile').split('\n')
  const bases = lines.filter((line) => line.startsWith('FROM '))
  for (const base of bases) expect(base).toContain(`node:${devDependencies['node']}-`)
  expect(lines).toContain('USER node')
})
