import { compareTopic } from '../../../consumers/ports/compare-topic.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import type { TopicSpec } from '../../../consumers/ports/log.ts'
import { topicHints, topicProblems } from '../../../consumers/ports/topic-spec.ts'
import { specsOf } from '../../answers/topic-specs.ts'
import type { Config } from '../../config/load.ts'
import { type DoctorFinding, fail, messageOf, ok, warn } from './finding.ts'

/** Whether the log answers, and whether its topics are what the projector needs. */
export const checkLog = async (engine: Engine, config: Config): Promise<readonly DoctorFinding[]> => {
  const findings: DoctorFinding[] = [...keyHints(config)]
  for (const spec of specsOf(config)) {
    try {
      findings.push(...(await checkTopic(engine, spec)))
    } catch (error) {
      const mend =
        engine.file === null
          ? 'check KAFKA_BROKERS, KAFKA_SSL, KAFKA_SASL_*, and that the broker runs'
          : 'check the disk, and who may write to it'
      return [...findings, fail('log', `${engine.names.log} does not answer: ${messageOf(error)}`, mend)]
    }
  }
  return [ok('log', `${engine.names.log} answers`), ...findings]
}

const checkTopic = async ({ log }: Engine, spec: TopicSpec): Promise<readonly DoctorFinding[]> => {
  const found = await log.describe(spec.name)
  if (!found) return [fail('topic', `${spec.name} does not exist`, 'npx pullgate topics')]
  const problems = topicProblems(spec, found)
  const serious = new Set(problems.map(({ what }) => what))
  const compared = compareTopic(spec, found)
  const others = compared.kind === 'mismatch' ? compared.differences.filter(({ what }) => !serious.has(what)) : []
  const mendOf = (what: string, wanted: string): string =>
    what === 'partitions'
      ? `set topic.partitions to ${found.partitions}; a topic that has events keeps its partitions`
      : `kafka-configs.sh --alter --topic ${spec.name} --add-config ${what}=${wanted}`
  const findings = [
    ...topicHints(found).map(({ what, mend }) => warn('topic', what, mend)),
    ...problems.map(({ what, wanted, found: is }) =>
      fail('topic', `${spec.name} has ${what}=${is}, it must be ${wanted}`, mendOf(what, wanted)),
    ),
    ...others.map(({ what, wanted, found: is }) =>
      warn('topic', `${spec.name} has ${what}=${is} instead of ${wanted}`, mendOf(what, wanted)),
    ),
  ]
  return findings.length > 0
    ? findings
    : [ok('topic', `${spec.name}: ${found.partitions} partitions, kept ${keptFor(spec)}`)]
}

const DAY_MS = 86_400_000

const keptFor = ({ settings }: TopicSpec): string => {
  const ms = Number(settings.get('retention.ms'))
  return ms === -1 ? 'for ever' : `for ${ms / DAY_MS} days`
}

const SHORT_KEY = 16

/** Identifiers are easy to guess: a reader of the topic can try out a short key. */
const keyHints = ({ answers }: Config): readonly DoctorFinding[] =>
  answers.record && (answers.key?.length ?? 0) < SHORT_KEY
    ? [warn('answers', `answers.key has fewer than ${SHORT_KEY} characters`, 'openssl rand -base64 32 makes one')]
    : []
