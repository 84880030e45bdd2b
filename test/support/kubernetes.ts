import { ScaledObject, TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Job } from 'kubernetes-models/batch/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'

export type Manifest = {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: unknown
  readonly data?: Readonly<Record<string, string>>
}
export type Container = {
  readonly args: readonly string[]
  readonly image: string
  readonly env?: readonly { readonly name: string }[]
  readonly securityContext: object
  readonly resources: { readonly limits: object }
}
export type PodSpec = {
  readonly containers: readonly Container[]
  readonly terminationGracePeriodSeconds?: number
}

const MODELS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  PodMonitor,
  PrometheusRule,
  ScaledObject,
  Service,
  ServiceAccount,
  ServiceMonitor,
  TriggerAuthentication,
} as const

/** As Kubernetes reads it: YAML 1.1, in which 0440 is octal. */
export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: '1.1' }).flatMap((document) => (document.toJS() as Manifest | null) ?? [])

/** Throws where a manifest is not what the schema of its kind asks for. */
export const validateManifest = (manifest: Manifest): void => {
  const Model = MODELS[manifest.kind as keyof typeof MODELS] as new (data: object) => { validate: () => void }
  new Model(manifest).validate()
}

export const podsOf = (manifests: readonly Manifest[]): (readonly [string, PodSpec])[] =>
  manifests.flatMap(({ kind, metadata, spec }) =>
    kind === 'Deployment' || kind === 'Job'
      ? [[`${kind} ${metadata.name}`, (spec as { template: { spec: PodSpec } }).template.spec] as const]
      : [],
  )

export const findManifest = <T>(manifests: readonly Manifest[], kind: string, name: string): T =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name) as T
