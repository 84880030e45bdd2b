import type { TopicSpec } from '../../consumers/ports/log.ts'
import { answersSpec, topicSpecs } from '../../consumers/ports/topic-spec.ts'
import type { Config } from '../config/load.ts'

/** Every topic that this configuration needs: events, dead letters, and answers where they are recorded. */
export const specsOf = ({ topic, answers }: Pick<Config, 'topic' | 'answers'>): readonly TopicSpec[] => [
  ...topicSpecs(topic.name, topic.partitions),
  ...(answers.record ? [answersSpec(topic.name, topic.partitions, answers.retention_days)] : []),
]
