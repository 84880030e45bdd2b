import { annotationJson, annotations } from './annotations.ts'
import { DATASOURCE, type Panel, panelJson } from './panel.ts'

export type Variable =
  | {
      readonly kind: 'labels'
      readonly name: string
      readonly label: string
      readonly metric: string
      /** The metric's label whose values it offers; absent: the one of the variable's name. */
      readonly of?: string
    }
  | { readonly kind: 'choice'; readonly name: string; readonly label: string; readonly values: readonly string[] }

/** Panels side by side, 24 wide, then on the next line. */
export type Row = { readonly title: string; readonly panels: readonly Panel[] }

export type Dashboard = {
  /** Never changes: links lead here. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly Variable[]
  readonly rows: readonly Row[]
}

const variableJson = (variable: Variable): object => {
  const { name, label } = variable
  if (variable.kind === 'choice') {
    const [first = ''] = variable.values
    return {
      name,
      label,
      type: 'custom',
      query: variable.values.join(','),
      current: { text: first, value: first },
      options: variable.values.map((value) => ({ text: value, value, selected: value === first })),
    }
  }
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query: `label_values(${variable.metric}, ${variable.of ?? name})`, refId: name },
    refresh: 2,
    sort: 7,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  }
}

const RUNBOOK = 'http://localhost:9090/runbook'

const common = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
  // Where the runbook is published. Every process of Pullgate serves it on its metrics port.
  { name: 'runbook', label: 'Runbook', type: 'textbox', query: RUNBOOK, current: { text: RUNBOOK, value: RUNBOOK } },
]

const place = (rows: Dashboard['rows']): readonly object[] => {
  const placed: object[] = []
  let [id, y] = [1, 0]
  for (const { title, panels } of rows) {
    placed.push({ id: id++, type: 'row', title, collapsed: false, gridPos: { x: 0, y: y++, w: 24, h: 1 }, panels: [] })
    let [x, tallest] = [0, 0]
    for (const panel of panels) {
      if (x + panel.width > 24) {
        y += tallest
        x = 0
        tallest = 0
      }
      placed.push(panelJson(panel, id++, x, y))
      x += panel.width
      tallest = Math.max(tallest, panel.height ?? 8)
    }
    y += tallest
  }
  return placed
}

/** The file's text. */
export const dashboardJson = ({ uid, title, description, variables, rows }: Dashboard): string =>
  `${JSON.stringify(
    {
      uid,
      title,
      description,
      tags: ['pullgate'],
      schemaVersion: 41,
      version: 1,
      editable: true,
      refresh: '30s',
      time: { from: 'now-3h', to: 'now' },
      timezone: 'browser',
      graphTooltip: 1,
      annotations: { list: annotations.map(annotationJson) },
      links: [
        {
          type: 'dashboards',
          title: 'Pullgate',
          tags: ['pullgate'],
          asDropdown: true,
          keepTime: true,
          includeVars: true,
        },
      ],
      templating: { list: [...common, ...variables.map(variableJson)] },
      panels: place(rows),
    },
    null,
    2,
  )}\n`
