import { readdirSync, readFileSync } from 'node:fs'
import { ScaledObject, TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Job } from 'kubernetes-models/batch/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import { defaultLimits } from '../../../src/http/limits.ts'

type Manifest = { readonly kind: string; readonly metadata: { readonly name: string }; readonly spec?: unknown }
type Container = {
  readonly args: readonly string[]
  readonly image: string
  readonly securityContext: object
  readonly resources: { readonly limits: object }
}
type PodSpec = { readonly containers: readonly Container[]; readonly terminationGracePeriodSeconds?: number }

const MODELS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  ScaledObject,
  Service,
  TriggerAuthentication,
} as const

const folder = new URL('../../../deploy/kubernetes/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
/** As Kubernetes reads it: YAML 1.1, in which 0440 is octal. */
const manifestsOf = (name: string): Manifest[] =>
  parseAllDocuments(read(name), { version: '1.1' }).map((document) => document.toJS() as Manifest)

const files = readdirSync(folder).filter(
  (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml' && name !== 'pullgate.yaml',
)
const manifests = files.flatMap((file) =>
  manifestsOf(file).map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const),
)
const find = <T>(kind: string, name: string): T => manifests.find(([title]) => title === `${kind} ${name}`)![1] as T
const pods = manifests.flatMap(([title, { kind, spec }]) =>
  kind === 'Deployment' || kind === 'Job'
    ? [[title, (spec as { template: { spec: PodSpec } }).template.spec] as const]
    : [],
)

describe('the Kubernetes manifests', () => {
  test.each(manifests)('%s is what its schema asks for', (_title, manifest) => {
    const Model = MODELS[manifest.kind as keyof typeof MODELS] as new (data: object) => { validate: () => void }
    expect(() => new Model(manifest).validate()).not.toThrow()
  })

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
    const result = loadConfig({
      file: 'pullgate.yaml',
      env: {
        ...find<{ data: Record<string, string> }>('ConfigMap', 'pullgate-connections').data,
        REDIS_URL: 'rediss://:x@redis:6380',
      },
      readFile: (path) => (path.startsWith(secrets) ? hash : read(path)),
    })
    expect(result.ok ? [] : result.problems).toEqual([])
  })

  test('never scale to more projectors than the topic has partitions', () => {
    const { topic } = parse(read('pullgate.yaml')) as { topic: { name: string; partitions: number } }
    const scaled = find<{ spec: { maxReplicaCount: number; triggers: { metadata: Record<string, string> }[] } }>(
      'ScaledObject',
      'pullgate-projector',
    )
    expect(scaled.spec.maxReplicaCount).toBe(topic.partitions)
    expect(scaled.spec.triggers[0]?.metadata).toMatchObject({
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
