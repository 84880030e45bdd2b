import { formatPath, type Problem } from './problems.ts'
import { resolveSecret, type SecretSources } from './secrets.ts'

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** Kafka takes 249 characters, and the topic of answers is `<topic>.answers`. */
const MAX_TOPIC = 241

/**
 * What recording needs, looked at in the raw value: one wrong field elsewhere must not hide it. Without recording the key
 * may be named and not be there.
 */
export const answersProblems = (raw: unknown, sources: SecretSources): readonly Problem[] => {
  const answers = field(raw, 'answers')
  if (field(answers, 'record') !== true) return []
  const problems: Problem[] = []
  const key = field(answers, 'key')
  const path = formatPath(['answers', 'key'])
  if (key === undefined) problems.push({ path, message: 'required with answers.record: true' })
  const resolved = typeof key === 'string' && /^(env|file):/.test(key) ? resolveSecret(key, sources) : null
  if (resolved?.ok === false) problems.push({ path, message: resolved.message })
  const name = field(field(raw, 'topic'), 'name')
  if (typeof name === 'string' && name.length > MAX_TOPIC)
    problems.push({
      path: formatPath(['topic', 'name']),
      message: `at most ${MAX_TOPIC} characters with answers.record: true, which adds .answers`,
    })
  return problems
}
