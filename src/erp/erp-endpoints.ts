import type { Config, ErpConfig } from '../config/load.ts'

/** One place of the configuration that names an ERP; places with the same settings have the same key and label. */
export type ErpEndpoint = {
  readonly key: string
  /** For metrics and logs: `group`, or `branch-<n>` by the first branch of the file that uses it. */
  readonly label: string
  /** `null`: the group's. */
  readonly collectorCode: string | null
  readonly erp: ErpConfig
}

export const erpEndpoints = ({ erp, branches }: Pick<Config, 'erp' | 'branches'>): readonly ErpEndpoint[] => {
  const labels = new Map<string, string>()
  const place = (collectorCode: string | null, settings: ErpConfig, own: string): ErpEndpoint => {
    const key = JSON.stringify(settings)
    const label = labels.get(key) ?? own
    labels.set(key, label)
    return { key, label, collectorCode, erp: settings }
  }
  return [
    ...(erp ? [place(null, erp, 'group')] : []),
    ...branches.flatMap((branch, index) =>
      branch.erp ? [place(branch.collector_code, branch.erp, `branch-${index + 1}`)] : [],
    ),
  ]
}
