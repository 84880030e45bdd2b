import type { EnsuredTopic, TopicDescription, TopicMismatch, TopicSpec } from './log.ts'

/** How an existing topic differs from its specification; settings that the specification does not name are ignored. */
export const compareTopic = (spec: TopicSpec, found: TopicDescription): EnsuredTopic => {
  const differences: TopicMismatch[] = []
  const check = (what: string, wanted: string, actual: string): void => {
    if (wanted !== actual) differences.push({ what, wanted, found: actual })
  }
  check('partitions', String(spec.partitions), String(found.partitions))
  for (const [name, wanted] of spec.settings) check(name, wanted, found.settings.get(name) ?? 'not set')
  return differences.length === 0 ? { kind: 'exists' } : { kind: 'mismatch', differences }
}
