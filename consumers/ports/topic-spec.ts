import type { TopicDescription, TopicMismatch, TopicSpec } from './log.ts'

export const dlqName = (topic: string): string => `${topic}.dlq`

/** What the topics must be like: the log is the source of every rebuild, so it keeps everything, in its publishers' time. */
export const topicSpecs = (name: string, partitions: number): readonly TopicSpec[] => [
  { name, partitions, settings: new Map([...KEPT, ['max.message.bytes', '2097152']]) },
  // A letter is its record and a few headers more.
  { name: dlqName(name), partitions, settings: new Map([...KEPT, ['max.message.bytes', '3145728']]) },
]

/** Where the gateways record what they answered. */
export const answersName = (topic: string): string => `${topic}.answers`

const DAY_MS = 86_400_000

/**
 * The topic of answers: the events' partitions, kept for a while. The brokers date its records, so that a gateway's wrong
 * clock neither shortens nor lengthens how long they are kept.
 */
export const answersSpec = (name: string, partitions: number, retentionDays: number): TopicSpec => ({
  name: answersName(name),
  partitions,
  settings: new Map([
    ['cleanup.policy', 'delete'],
    ['retention.ms', String(retentionDays * DAY_MS)],
    ['retention.bytes', '-1'],
    ['message.timestamp.type', 'LogAppendTime'],
  ]),
})

const KEPT: readonly (readonly [string, string])[] = [
  ['cleanup.policy', 'delete'],
  ['retention.ms', '-1'],
  ['retention.bytes', '-1'],
  ['message.timestamp.type', 'CreateTime'],
]

/** Reasons not to start on a topic: a partition count that moves students, and settings that lose or redate events. */
export const topicProblems = (spec: TopicSpec, found: TopicDescription): readonly TopicMismatch[] => {
  const problems: TopicMismatch[] = []
  if (found.partitions !== spec.partitions)
    problems.push({ what: 'partitions', wanted: String(spec.partitions), found: String(found.partitions) })
  for (const what of ['cleanup.policy', 'retention.ms', 'retention.bytes', 'message.timestamp.type']) {
    const [wanted, is] = [spec.settings.get(what), found.settings.get(what)]
    if (wanted !== undefined && is !== undefined && wanted !== is) problems.push({ what, wanted, found: is })
  }
  return problems
}

/**
 * Settings that allow a start but may lose acknowledged events: one sentence each, with the command that corrects it.
 */
export const topicHints = ({ name, settings, copies }: TopicDescription): readonly TopicHint[] => {
  if (copies === undefined) return []
  const alter = (setting: string): string => `kafka-configs.sh --alter --topic ${name} --add-config ${setting}`
  const hints: TopicHint[] = []
  if (copies.replicas < Math.min(3, copies.brokers))
    hints.push({
      what: `${name} is kept by ${copies.replicas} of ${copies.brokers} brokers: losing one may lose events`,
      mend: `kafka-reassign-partitions.sh gives ${name} more replicas`,
    })
  if (copies.replicas >= 3 && Number(settings.get('min.insync.replicas') ?? 1) < 2)
    hints.push({
      what: `${name} has min.insync.replicas=1: an event may be acknowledged that one broker alone has`,
      mend: alter('min.insync.replicas=2'),
    })
  if (settings.get('unclean.leader.election.enable') === 'true')
    hints.push({
      what: `${name} has unclean.leader.election.enable=true: an election may lose acknowledged events`,
      mend: alter('unclean.leader.election.enable=false'),
    })
  return hints
}

export type TopicHint = { readonly what: string; readonly mend: string }
