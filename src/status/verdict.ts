import type { StatusView } from './status.ts'

/** One problem, worst first; `runbook` is the section with details. */
export type StatusProblem = {
  /** A problem keeps its key while its figures change. */
  readonly key: string
  readonly level: 'bad' | 'warn'
  /** One sentence for a person at 3 a.m.; `{since}` stands for the problem's duration. */
  readonly text: string
  /** The remedy, or where to check first. */
  readonly mend: string
  readonly runbook: string
}

/** The current problems, for the top of the status page and for `/readyz?verbose`. */
export type Verdict = {
  readonly level: 'good' | 'warn' | 'bad'
  readonly text: string
  readonly problems: readonly StatusProblem[]
}

/** Events that a projector applies within seconds; a smaller lag is no problem. */
const MUCH_BEHIND = 10_000
/** Seconds without a proof or an advance: no projector works on the partition. */
const STALE_SECONDS = 5

/** Complete: every status has a list of problems, worst first. */
export const problemsOf = (view: StatusView): readonly StatusProblem[] => [
  ...checkProblems(view),
  ...partitionProblems(view),
  ...erpProblems(view),
  ...publisherProblems(view),
  ...doubtProblems(view),
]

/** Checks with their own words, and the section for each. */
const CHECKS: Readonly<Record<string, { readonly runbook: string; readonly mend: string }>> = {
  store: { runbook: 'PullgateStoreUnreachable', mend: 'Run "npx pullgate doctor".' },
  log: { runbook: 'PullgateLogUnreachable', mend: 'Run "npx pullgate doctor".' },
  settings: { runbook: 'PullgateSettingsWrong', mend: 'Run "npx pullgate doctor".' },
  projector: { runbook: 'PullgateProjectorDown', mend: 'Look at its log; run "npx pullgate doctor".' },
  answers: { runbook: 'PullgateAnswersLost', mend: 'Run "npx pullgate doctor".' },
}

const checkProblems = ({ checks }: StatusView): readonly StatusProblem[] =>
  checks
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => {
      const { runbook, mend } = name.startsWith('log identity')
        ? { runbook: 'PullgateLogBroken', mend: 'Run "npx pullgate rebuild" once the topic is as it should be.' }
        : (CHECKS[name] ?? { runbook: 'PullgateGatewayDown', mend: 'Run "npx pullgate doctor".' })
      const level = name === 'drain' ? 'warn' : 'bad'
      return { key: `check ${name}`, level, text: `${capitalised(detail)} ({since})`, mend, runbook }
    })

const partitionProblems = ({ partitions }: StatusView): readonly StatusProblem[] => {
  const stale = partitions.filter(
    ({ broken, aliveAgeSeconds }) => !broken && (aliveAgeSeconds ?? Number.POSITIVE_INFINITY) > STALE_SECONDS,
  )
  const behind = partitions.filter((one) => !stale.includes(one) && one.lag > MUCH_BEHIND)
  const problems: StatusProblem[] = []
  if (stale.length > 0 && stale.length === partitions.length)
    problems.push({
      key: 'no projector',
      level: 'bad',
      text: `No projector for {since}: ${namesOf(stale)} are not applied`,
      mend: 'Start one: npx pullgate projector',
      runbook: 'PullgateProjectorDown',
    })
  else if (stale.length > 0)
    problems.push({
      key: 'stale',
      level: 'bad',
      text: `Not proven for {since}: ${namesOf(stale)}. Pulls of their students go to the ERPs`,
      mend: 'Look at the log of the projector that has them.',
      runbook: 'PullgatePartitionStale',
    })
  if (behind.length > 0)
    problems.push({
      key: 'behind',
      level: 'warn',
      text: `${counted(sum(behind.map(({ lag }) => lag)), 'event')} behind: ${namesOf(behind)}`,
      mend: 'Wait, or start one more projector.',
      runbook: 'PullgatePartitionStale',
    })
  return problems
}

const erpProblems = ({ erps }: StatusView): readonly StatusProblem[] =>
  erps.flatMap(({ erp, breaker, failuresPerSecond, perSecond, failing, probeFailed, probeFailure }) => {
    const problem = {
      key: `erp ${erp}`,
      level: 'warn' as const,
      mend: 'Tell the ERP’s people; "npx pullgate doctor" shows what it answers.',
    }
    const its = erp === 'group' ? 'The group’s ERP' : `Branch ${erp}: its ERP`
    if (breaker !== 'closed' || failuresPerSecond > perSecond / 2) {
      const why = failing === null ? '' : ` (mostly ${FAILURES[failing] ?? failing})`
      const now = breaker === 'closed' ? 'fails most calls' : 'fails, and calls to it are withheld'
      return [{ ...problem, text: `${its} ${now} for {since}${why}`, runbook: 'PullgateErpBreakerOpen' }]
    }
    if (!probeFailed) return []
    const why = probeFailure ? ` (${probeFailure})` : ''
    const text = `${its} has not answered probes for {since}${why}: it would not answer a pull either`
    return [{ ...problem, text, runbook: 'PullgateErpProbeFailing' }]
  })

/** Outcomes of calls in words. */
const FAILURES: Readonly<Record<string, string>> = {
  timeout: 'no answer in time',
  status: 'a failure status such as 503',
  connection: 'no connection',
  bad_response: 'answers that cannot be used',
}

const publisherProblems = ({ publishers }: StatusView): readonly StatusProblem[] =>
  publishers
    .filter(
      ({ ageSeconds, limitSeconds }) =>
        limitSeconds !== null && (ageSeconds ?? Number.POSITIVE_INFINITY) > limitSeconds,
    )
    .map(({ source, ageSeconds }) => ({
      key: `publisher ${source}`,
      level: 'warn' as const,
      text: `Publisher ${source} ${ageSeconds === null ? 'was never heard' : `was last heard ${duration(ageSeconds)} ago`}; its branch is answered by the ERP`,
      mend: 'Restart its relay.',
      runbook: 'PullgatePublisherSilent',
    }))

const doubtProblems = ({ suspects, deadLettersOpen }: StatusView): readonly StatusProblem[] => {
  if (!suspects && !deadLettersOpen) return []
  const parts = [
    ...(suspects ? [`${counted(suspects, 'student')} suspect`] : []),
    ...(deadLettersOpen ? [`${counted(deadLettersOpen, 'dead letter')} open`] : []),
  ]
  return [
    {
      key: 'doubts',
      level: 'warn',
      text: `${parts.join(', ')}; pulls of these students go to the ERPs`,
      mend: 'npx pullgate dlq list',
      runbook: 'PullgateSuspectsNotHealing',
    },
  ]
}

/** Remembers since when this process has seen each problem. `nowMs` is monotonic. */
export const verdicts = (): ((view: StatusView, nowMs: number) => Verdict) => {
  let since = new Map<string, number>()
  return (view, nowMs) => {
    const found = problemsOf(view)
    since = new Map(found.map(({ key }) => [key, since.get(key) ?? nowMs]))
    const problems = found.map((problem) => ({
      ...problem,
      text: problem.text.replace('{since}', duration((nowMs - since.get(problem.key)!) / 1000)),
    }))
    const [worst] = problems
    if (!worst) return { level: 'good', text: 'All is well.', problems }
    const more = problems.length > 1 ? ` And ${counted(problems.length - 1, 'further problem')}.` : ''
    const level = problems.some((problem) => problem.level === 'bad') ? 'bad' : 'warn'
    return { level, text: `${worst.text}. ${worst.mend}${more}`, problems }
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const counted = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const duration = (seconds: number): string =>
  seconds < 120
    ? `${Math.round(seconds)} s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`

/** `partitions 0–3, 7`. */
const namesOf = (partitions: readonly { readonly partition: number }[]): string => {
  const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b)
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else runs.push([number, number])
  }
  const text = runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')
  return `${numbers.length === 1 ? 'partition' : 'partitions'} ${text}`
}
