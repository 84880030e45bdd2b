import type { Config, ErpConfig } from '../config/load.ts'

const GROUP = 'group'

/** One entry of the configuration that names an ERP; entries with the same settings have the same key and label. */
export type ErpEndpoint = {
  readonly key: string
  /** For metrics, logs and pages: `group`, or the `collector_code` of the first branch that uses it. */
  readonly label: string
  /** `null` for the group's ERP. */
  readonly collectorCode: string | null
  readonly erp: ErpConfig
  /** `probe` is on in every entry of this ERP. */
  readonly isProbed: boolean
}

/** A branch may have the same name as the label of the group's ERP. */
const labelOf = (collectorCode: string): string => (collectorCode === GROUP ? `branch ${GROUP}` : collectorCode)

export const erpEndpoints = ({ erp, branches }: Pick<Config, 'erp' | 'branches'>): readonly ErpEndpoint[] => {
  const labels = new Map<string, string>()
  const unprobed = new Set<string>()
  const place = (collectorCode: string | null, settings: ErpConfig, own: string): Omit<ErpEndpoint, 'isProbed'> => {
    const { probe, ...rest } = settings
    const key = JSON.stringify(rest)
    const label = labels.get(key) ?? own
    labels.set(key, label)
    if (probe === 'off' || probe === false) unprobed.add(key)
    return { key, label, collectorCode, erp: settings }
  }
  const places = [
    ...(erp ? [place(null, erp, GROUP)] : []),
    ...branches.flatMap(({ collector_code, erp: own }) =>
      own ? [place(collector_code, own, labelOf(collector_code))] : [],
    ),
  ]
  return places.map((one) => ({ ...one, isProbed: !unprobed.has(one.key) }))
}
