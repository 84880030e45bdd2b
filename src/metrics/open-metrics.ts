/** The format OpenMetrics 1.0, for scrapers that prefer it. It has exemplars; Prometheus asks for it by default. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export const OPEN_METRICS_END = '# EOF\n'

/**
 * Counters and gauges of Prometheus's text format as OpenMetrics: a counter's family has no suffix there, and no
 * line is empty. Bounds and values stay as they are, so that no series changes with the format.
 */
export const asOpenMetrics = (text: string): string =>
  text.replace(/^# (HELP|TYPE) (\w+)_total /gm, '# $1 $2 ').replaceAll('\n\n', '\n')

/** Whether a scraper prefers OpenMetrics to plain text, by its Accept header. */
export const prefersOpenMetrics = (accept: string | undefined): boolean => {
  const ranges = (accept ?? '').split(',').map(parse)
  const qualityOf = (type: string): number =>
    Math.max(0, ...ranges.flatMap((range) => (range.type === type && range.isKnown ? [range.quality] : [])))
  const wanted = qualityOf('application/openmetrics-text')
  return wanted > 0 && wanted >= qualityOf('text/plain')
}

const parse = (range: string): { readonly type: string; readonly quality: number; readonly isKnown: boolean } => {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
  const parameterOf = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
  const quality = Number(parameterOf('q') ?? 1)
  const isKnown = type !== 'application/openmetrics-text' || ['1.0.0', undefined].includes(parameterOf('version'))
  return { type, quality: Number.isNaN(quality) ? 0 : quality, isKnown }
}
