import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { lintChart, renderChart } from '../../../scripts/setup/chart.mjs'
import { run } from '../../../scripts/setup/exec.mjs'
import { requireHelm } from '../../../scripts/setup/tools.mjs'
import { loadConfig } from '../../../src/config/load.ts'
import { findManifest, type Manifest, parseManifests, podsOf, validateManifest } from '../../support/kubernetes.ts'

const chart = new URL('../../../deploy/helm/pullgate/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, chart), 'utf8')
const pathOf = (name: string): string => fileURLToPath(new URL(name, chart))
const CASES = readdirSync(new URL('ci/', chart))
const MONITORED = 'production.yaml'

let helm: string
const rendered = new Map<string, readonly Manifest[]>()
const of = (values: string): readonly Manifest[] => rendered.get(values) ?? []

beforeAll(async () => {
  helm = await requireHelm(() => {})
  for (const values of CASES) rendered.set(values, parseManifests(await renderChart(helm, pathOf(`ci/${values}`))))
}, 300_000)

test('the version of the chart and of what it installs is that of the program', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version })
})

test('there are five files of values', () => {
  expect(CASES).toHaveLength(5)
})

describe.each(CASES)('the chart with %s', (values) => {
  test('has nothing that helm lint finds fault with', async () => {
    const { code, output } = await lintChart(helm, pathOf(`ci/${values}`))
    expect(output).toContain('1 chart(s) linted, 0 chart(s) failed')
    expect(output).not.toMatch(/\[(WARNING|ERROR)\]/)
    expect(code).toBe(0)
  })

  test('renders manifests that their schemas accept', () => {
    expect(of(values).length).toBeGreaterThan(4)
    for (const manifest of of(values)) expect(() => validateManifest(manifest), manifest.kind).not.toThrow()
  })

  test('runs every pod without root, without writing to its disk, and bounded in memory', () => {
    const pods = podsOf(of(values))
    expect(pods.length).toBeGreaterThan(1)
    for (const [, pod] of pods) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } })
      expect(pod.containers[0]).toMatchObject({
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        resources: { limits: { memory: expect.any(String) } },
      })
    }
  })

  test('gives the program a configuration that it accepts', () => {
    const config = of(values).find(({ data }) => data?.['pullgate.yaml'] !== undefined)?.data?.['pullgate.yaml']
    const connections = of(values).find(({ metadata }) => metadata.name.endsWith('-connections'))?.data
    const fromSecret = podsOf(of(values))[0]?.[1].containers[0]?.env?.map(({ name }) => name) ?? []
    const hash = `scrypt$32768$8$1$${'a'.repeat(22)}$${'b'.repeat(43)}`
    const secret = (name: string): string => (name === 'REDIS_URL' ? 'rediss://:x@redis:6380' : 'from-the-secret')
    const result = loadConfig({
      file: 'pullgate.yaml',
      env: { ...connections, ...Object.fromEntries(fromSecret.map((name) => [name, secret(name)])) },
      readFile: (path) =>
        path === 'pullgate.yaml' ? (config ?? 'policy: { balance_basis: payable, paid_instalments: zero }') : hash,
    })
    expect(result.ok ? [] : result.problems).toEqual([])
  })
})

test('a code with zeros in front and a long number come through unchanged', () => {
  const { data } = findManifest<Manifest>(of(MONITORED), 'ConfigMap', 'pullgate-config')
  expect(data?.['pullgate.yaml']).toContain('collector_code: 007')
  expect(data?.['pullgate.yaml']).toContain('collector_code: 110024001')
})

test('KEDA scales to the partitions of the configured topic', () => {
  const { spec } = findManifest<{ spec: { maxReplicaCount: number; triggers: { metadata: object }[] } }>(
    of(MONITORED),
    'ScaledObject',
    'pullgate-projector',
  )
  expect(spec.maxReplicaCount).toBe(48)
  expect(spec.triggers[0]?.metadata).toMatchObject({ topic: 'fees.events', consumerGroup: 'pullgate.fees.events' })
})

test('another configuration rolls the pods', async () => {
  const checksum = async (basis: string): Promise<unknown> => {
    const set = ['--set-string', `config=policy: {balance_basis: ${basis}\\, paid_instalments: zero}`]
    const args = ['template', 'x', pathOf(''), '--kube-version', '1.34.0', '-f', pathOf('ci/minimal.yaml'), ...set]
    const manifests = parseManifests((await run(helm, args)).stdout)
    const { spec } = findManifest<{ spec: { template: { metadata: { annotations: Record<string, string> } } } }>(
      manifests,
      'Deployment',
      'x-pullgate-gateway',
    )
    return spec.template.metadata.annotations['checksum/config']
  }
  expect(await checksum('payable')).toMatch(/^[0-9a-f]{64}$/)
  expect(await checksum('payable')).not.toBe(await checksum('outstanding'))
})

test('the rules and dashboards are those of the repository, and each alert names its section of the runbook', () => {
  const { spec } = findManifest<{ spec: { groups: { name: string; rules: object[] }[] } }>(
    of(MONITORED),
    'PrometheusRule',
    'pullgate',
  )
  const groups = ['alerts', 'recording'].flatMap(
    (file) => (parse(read(`files/rules/${file}.yml`)) as { groups: { name: string; rules: object[] }[] }).groups,
  )
  const text = JSON.stringify(groups).replaceAll('"docs/', '"https://docs.example/pullgate/')
  expect(spec.groups).toEqual(JSON.parse(text))
  for (const file of readdirSync(new URL('files/dashboards/', chart))) {
    const name = `pullgate-dashboard-${file.replace('.json', '')}`
    const { data } = findManifest<Manifest>(of(MONITORED), 'ConfigMap', name)
    expect(JSON.parse(data?.[file] ?? '')).toEqual(JSON.parse(read(`files/dashboards/${file}`)))
  }
})

test('what has no default is asked for by name', async () => {
  const { code, output } = await run(helm, ['template', 'x', pathOf(''), '--kube-version', '1.34.0'])
  expect(code).not.toBe(0)
  expect(output).toMatch(/config|existingSecret|kafka\.brokers/)
})

describe('values.schema.json', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(read('values.schema.json')))

  test('accepts the defaults', () => {
    expect(validate(parse(read('values.yaml')))).toBe(true)
  })

  test('knows every value that there is, and no other', () => {
    const keys = (value: unknown, path: string): string[] =>
      value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0
        ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}/${key}`))
        : [path]
    const schemaKeys = (schema: { properties?: Record<string, object> }, path: string): string[] =>
      schema.properties === undefined
        ? [path]
        : Object.entries(schema.properties).flatMap(([key, inner]) => schemaKeys(inner, `${path}/${key}`))
    const known = schemaKeys(JSON.parse(read('values.schema.json')), '')
    const defaults = keys(parse(read('values.yaml')), '')
    for (const path of defaults)
      expect(
        known.some((key) => path === key || path.startsWith(`${key}/`)),
        path,
      ).toBe(true)
    // Helm itself adds `global`; a claim of resources has no default.
    const optional = (key: string): boolean => key === '/global' || key.endsWith('/claims')
    for (const key of known)
      expect(optional(key) || defaults.some((path) => path === key || path.startsWith(`${key}/`)), key).toBe(true)
  })

  test.each([
    ['a misspelt value', { gatway: {} }],
    ['an unknown SASL mechanism', { kafka: { sasl: { mechanism: 'gssapi' } } }],
    ['a configuration that is no text', { config: { policy: {} } }],
    ['a gateway that has no time to drain', { gateway: { terminationGracePeriodSeconds: 10 } }],
  ])('refuses %s', (_title, values) => {
    expect(validate(values)).toBe(false)
  })
})
