import { topicProblems, topicSpecs } from '../../consumers/topics.ts'
import type { Config } from '../config/load.ts'
import type { Engine } from './engine.ts'

/** A start that can never succeed, each problem a sentence; unlike servers that are not there yet. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

/** @throws StartRefused where log or store is not what a projection may be made on */
export const refuseMisfits = async ({ log, store, names }: Engine, { topic }: Config): Promise<void> => {
  const refused = [...(await store.admin.problems())]
  for (const spec of topicSpecs(topic.name, topic.partitions)) {
    const found = await log.describe(spec.name)
    if (!found) refused.push(`the topic ${spec.name} does not exist; "npx pullgate topics" creates it`)
    else
      for (const { what, wanted, found: is } of topicProblems(spec, found))
        refused.push(`the topic ${spec.name} has ${what}=${is}, it must be ${wanted}`)
  }
  const owner = refused.length === 0 ? await store.admin.claim(topic.name) : topic.name
  if (owner !== topic.name) refused.push(`${names.store} belongs to the topic ${owner}, not to ${topic.name}`)
  if (refused.length > 0) throw new StartRefused(refused.join('\n'))
}
