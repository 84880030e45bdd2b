import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { kustomizeManifests } from '../../../scripts/setup/chart.mjs'
import { requireHelm } from '../../../scripts/setup/tools.mjs'
import { loadConfig } from '../../../src/config/load.ts'
import { defaultLimits } from '../../../src/http/limits.ts'
import { findManifest, parseManifests, podsOf, validateManifest } from '../../support/kubernetes.ts'

const folder = new URL('../../../deploy/kubernetes/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

const NO_MANIFESTS = ['kustomization.yaml', 'pullgate.yaml', 'values.yaml']
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !NO_MANIFESTS.includes(name))
const manifests = files.flatMap((file) => parseManifests(read(file)))
const pods = podsOf(manifests)

describe('the Kubernetes manifests', () => {
  test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s is what its schema asks for',
    (_title, manifest) => {
      expect(() => validateManifest(manifest)).not.toThrow()
    },
  )

  test('are all named by the kustomization, KEDA apart', () => {
    const { resources } = parse(read('kustomization.yaml')) as { resources: string[] }
    expect([...resources, 'keda.yaml'].sort()).toEqual(files.sort())
  })

  test.each(pods)('%s runs without root, without writing to its disk, and bounded in memory', (_title, pod) => {
    const [container] = pod.containers
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } })
    expect(container).toMatchObject({
      securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
      resources: { limits: { memory: expect.any(String) } },
    })
  })

  test('the configuration that they mount is valid', () => {
    const secrets = '/run/secrets/pullgate/'
    const hash = `scrypt$32768$8$1$${'a'.repeat(22)}$${'b'.repeat(43)}`
    const { data } = findManifest<{ data: Record<string, string> }>(manifests, 'ConfigMap', 'pullgate-connections')
    const result = loadConfig({
      file: 'pullgate.yaml',
      env: { ...data, KAFKA_SASL_USERNAME: 'pullgate', REDIS_URL: 'rediss://:x@redis:6380' },
      readFile: (path) => (path.startsWith(secrets) ? hash : read(path)),
    })
    expect(result.ok ? [] : result.problems).toEqual([])
  })

  test('never scale to more projectors than the topic has partitions', () => {
    const { topic } = parse(read('pullgate.yaml')) as { topic: { name: string; partitions: number } }
    const { spec } = findManifest<{
      spec: { maxReplicaCount: number; triggers: { metadata: Record<string, string> }[] }
    }>(manifests, 'ScaledObject', 'pullgate-projector')
    expect(spec.maxReplicaCount).toBe(topic.partitions)
    expect(spec.triggers[0]?.metadata).toMatchObject({
      topic: topic.name,
      consumerGroup: `pullgate.${topic.name}`,
    })
  })

  test('give a gateway the time to drain that the program takes', () => {
    const [, pod] = pods.find(([title]) => title === 'Deployment pullgate-gateway')!
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
      4 + (defaultLimits.lameDuckMs + defaultLimits.drainMs) / 1000,
    )
  })
})

describe('the Helm chart renders', () => {
  let rendered: Readonly<Record<string, string>>
  beforeAll(async () => {
    rendered = await kustomizeManifests(await requireHelm(() => {}))
  }, 300_000)

  test('the manifests, as they are committed (node scripts/write-manifests.mjs)', () => {
    for (const [file, text] of Object.entries(rendered)) expect(read(file), file).toBe(text)
  })

  test('all manifests but the namespace', () => {
    expect(Object.keys(rendered).sort()).toEqual(files.filter((file) => file !== 'namespace.yaml').sort())
  })
})
