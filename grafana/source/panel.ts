/** Panels as this project needs them; Grafana's JSON is made of them in one place, so that they look alike. */

/** `exemplars`: with the ids of single requests, which Prometheus keeps for raw histograms alone. */
export type Query = { readonly expr: string; readonly legend: string; readonly exemplars?: boolean }
export type Threshold = readonly [from: number | null, color: string]

export type Panel = {
  readonly title: string
  /** What the panel answers, and what is normal. */
  readonly help: string
  readonly kind: 'stat' | 'timeseries' | 'heatmap' | 'bargauge' | 'state-timeline'
  readonly unit: string
  readonly queries: readonly Query[]
  /** Of 24. */
  readonly width: number
  readonly height?: number
  readonly thresholds?: readonly Threshold[]
  /** Alerts whose runbook sections help. */
  readonly alerts?: readonly string[]
  readonly stacked?: boolean
  readonly min?: number
  readonly max?: number
  /** Values as words. */
  readonly words?: Readonly<Record<string, readonly [text: string, color: string]>>
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's own
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const

const reduce = { calcs: ['lastNotNull'], fields: '', values: false }

const options = (kind: Panel['kind']): object => {
  switch (kind) {
    case 'stat':
      return { reduceOptions: reduce, colorMode: 'value', graphMode: 'area', textMode: 'auto' }
    case 'bargauge':
      return { reduceOptions: reduce, orientation: 'horizontal', displayMode: 'basic', showUnfilled: true }
    case 'state-timeline':
      return { mergeValues: true, showValue: 'never', rowHeight: 0.9, legend: { displayMode: 'list' } }
    case 'heatmap':
      return {
        calculate: false,
        yAxis: { unit: 's' },
        color: { mode: 'scheme', scheme: 'Turbo', exponent: 0.5, steps: 64 },
        tooltip: { mode: 'single', showColorScale: true },
      }
    case 'timeseries':
      return {
        legend: {
          displayMode: 'table',
          placement: 'bottom',
          calcs: ['lastNotNull', 'max'],
          sortBy: 'Max',
          sortDesc: true,
        },
        tooltip: { mode: 'multi', sort: 'desc' },
      }
  }
}

const steps = (thresholds: readonly Threshold[]) => ({
  mode: 'absolute',
  steps: thresholds.map(([value, color]) => ({ value, color })),
})

const fieldConfig = ({ kind, unit, thresholds, stacked, min, max, words }: Panel): object => ({
  defaults: {
    unit,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(thresholds && {
      thresholds: steps(thresholds),
      color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
    }),
    ...(kind === 'timeseries' && {
      custom: {
        lineWidth: 1,
        fillOpacity: stacked ? 40 : 5,
        showPoints: 'never',
        stacking: { mode: stacked ? 'normal' : 'none' },
        ...(thresholds && { thresholdsStyle: { mode: 'dashed' } }),
      },
    }),
    ...(words && {
      mappings: [
        {
          type: 'value',
          options: Object.fromEntries(Object.entries(words).map(([value, [text, color]]) => [value, { text, color }])),
        },
      ],
    }),
  },
  overrides: [],
})

const isInstant = (kind: Panel['kind']): boolean => kind === 'bargauge'

/** A panel in Grafana's own terms. */
export const panelJson = (panel: Panel, id: number, x: number, y: number): object => ({
  id,
  type: panel.kind,
  title: panel.title,
  description: panel.help,
  datasource: DATASOURCE,
  gridPos: { x, y, w: panel.width, h: panel.height ?? 8 },
  // A day on a screen: more points than this only cost time.
  maxDataPoints: 300,
  fieldConfig: fieldConfig(panel),
  options: options(panel.kind),
  links: (panel.alerts ?? []).map((alert) => ({
    title: `Runbook: ${alert}`,
    url: `\${runbook}#${alert.toLowerCase()}`,
    targetBlank: true,
  })),
  targets: panel.queries.map(({ expr, legend, exemplars }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    ...(exemplars && { exemplar: true }),
    ...(panel.kind === 'heatmap' && { format: 'heatmap' }),
    ...(isInstant(panel.kind) && { instant: true, range: false }),
  })),
})
