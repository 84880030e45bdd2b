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

describe.each(['projector', 'gateway'])('the service %s', (name) => {
  test('is asked whether it does its work', () => {
    const { healthcheck } = services[name] as { healthcheck: { test: readonly string[] } }
    expect(healthcheck.test.slice(0, 3)).toEqual(['CMD', 'node', '-e'])
    expect(healthcheck.test[3]).toContain('/readyz')
  })

  test('starts with its profile alone', () => {
    expect(services[name]?.profiles).toEqual(['app'])
  })
})

describe('the image', () => {
  const text = read('Dockerfile')
  const lines = text.split('\n')
  const stages = text.split(/^FROM /m)

  test('runs the Node that is pinned, as a user of its own, on a base that may be pinned by digest', () => {
    expect(lines).toContain(`ARG BASE_IMAGE=node:${devDependencies['node']}-bookworm-slim`)
    for (const stage of stages.slice(1)) expect(stage).toMatch(/^\$\{BASE_IMAGE\}/)
    expect(lines).toContain('USER node')
  })

  test('is made of the package, and ends without npm', () => {
    expect(text).toContain('npm pack')
    const last = stages.at(-1)!
    expect(last).toContain('rm -rf /usr/local/lib/node_modules')
    expect(last).not.toMatch(/npm (ci|install)/)
    expect(last).not.toMatch(/^COPY (?!--from=)/m)
  })

  test('gets everything that its build reads', () => {
    const taken = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    const { files } = JSON.parse(read('package.json')) as { files: readonly string[] }
    // Pages that the build puts into the package.
    const copied = [...read('scripts/build.mjs').matchAll(/join\(ROOT, '(docs\/[^']+)'\)/g)].map(([, file]) => file!)
    expect(copied).toContain('docs/runbook.md')
    for (const file of [
      ...files.filter((name) => name !== 'dist'),
      ...copied,
      'tsconfig.package.json',
      'scripts',
      'src',
    ])
      expect(taken).toContain(file)
  })
})
