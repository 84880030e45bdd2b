import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { ROOT, run, SetupError } from './exec.mjs'

export const CHART = join(ROOT, 'deploy', 'helm', 'pullgate')
const KUSTOMIZE_VALUES = join(ROOT, 'deploy', 'kubernetes', 'values.yaml')

/** A helm that is built from its module does not know a current Kubernetes by itself. */
const KUBERNETES = ['--kube-version', '1.34.0']

/** The chart's manifests as one text. `values` is a file, `more` are further arguments of `helm template`. */
export const renderChart = async (helm, values, more = []) => {
  const args = ['template', 'pullgate', CHART, ...KUBERNETES, '-f', values, ...more]
  const { code, stdout, output } = await run(helm, args)
  if (code !== 0) throw new SetupError(`helm template failed:\n${output}`)
  return stdout
}

/** What `helm lint --strict` says of the chart with these values, and its exit code. */
export const lintChart = (helm, values) => run(helm, ['lint', '--strict', CHART, ...KUBERNETES, '-f', values])

/** Labels that name an object's manager; here that is kubectl, not Helm. */
const HELM_LABELS = ['app.kubernetes.io/managed-by', 'helm.sh/chart', 'app.kubernetes.io/version']

/** As Kubernetes reads it: 0440 is octal. */
const YAML_1_1 = { version: '1.1' }

/** KEDA's objects are applied only where an operator asks for them, so all others are those without KEDA. */
const KEDA = ['--set', 'projector.keda.enabled=true', '--show-only', 'templates/keda.yaml']

/** The files of deploy/kubernetes that come from the chart, by name. */
export const kustomizeManifests = async (helm) => {
  const files = {}
  const text = `${await renderChart(helm, KUSTOMIZE_VALUES)}${await renderChart(helm, KUSTOMIZE_VALUES, KEDA)}`
  for (const document of parseAllDocuments(text, YAML_1_1)) {
    const [, file] = /Source: pullgate\/templates\/(\S+)/.exec(
      document.commentBefore ?? document.contents.commentBefore,
    )
    for (const label of HELM_LABELS) document.deleteIn(['metadata', 'labels', label])
    const manifest = document
      .toString({ lineWidth: 0, flowCollectionPadding: true })
      .replace(/^(---\n)?# Source: .*\n/m, '')
    files[file] = [...(files[file] ?? []), manifest.trim()]
  }
  return Object.fromEntries(Object.entries(files).map(([file, texts]) => [file, `${texts.join('\n---\n')}\n`]))
}
