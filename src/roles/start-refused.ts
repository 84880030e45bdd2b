import type { Engine } from '../../consumers/ports/engine.ts'
import { type TopicHint, topicHints, topicProblems, topicSpecs } from '../../consumers/ports/topic-spec.ts'
import type { Config } from '../config/load.ts'
import { pause } from '../log/pause.ts'

/** A start that can never succeed, each problem a sentence; unlike servers that are not there yet. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

/**
 * Returns what is weaker than it should be, and forbids nothing.
 *
 * @throws StartRefused where log or store is not what a projection may be made on
 */
export const refuseMisfits = async (
  { log, store, names }: Engine,
  { topic }: Config,
): Promise<readonly TopicHint[]> => {
  const refused = [...(await store.admin.problems())]
  const hints: TopicHint[] = []
  for (const spec of topicSpecs(topic.name, topic.partitions)) {
    const found = await log.describe(spec.name)
    if (!found) refused.push(`the topic ${spec.name} does not exist; "npx pullgate topics" creates it`)
    else {
      hints.push(...topicHints(found))
      for (const { what, wanted, found: is } of topicProblems(spec, found))
        refused.push(`the topic ${spec.name} has ${what}=${is}, it must be ${wanted}`)
    }
  }
  const owner = refused.length === 0 ? await store.admin.claim(topic.name) : topic.name
  if (owner !== topic.name) refused.push(othersStore(names, owner, topic.name))
  if (refused.length > 0) throw new StartRefused(refused.join('\n'))
  return hints
}

const othersStore = (names: Engine['names'], owner: string, topic: string): string =>
  `${names.store} belongs to the topic ${owner}, not to ${topic}`

const ASK_AGAIN_MS = 1000

/** For who only reads: asks until it is known whose the store is, and reports another topic's. Returns what ends it. */
export const watchOwner = (
  { store: { admin }, names }: Engine,
  topic: string,
  onRefused: (refused: StartRefused) => void,
): (() => void) => {
  const closing = new AbortController()
  const ask = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // An empty store has no topic yet, and a check must not claim it; an unavailable store is asked again.
      const generation = await admin.activeGeneration().catch(() => null)
      const owner = generation === null ? null : await admin.claim(topic).catch(() => null)
      if (owner !== null) {
        if (owner !== topic) onRefused(new StartRefused(othersStore(names, owner, topic)))
        return
      }
      await pause(ASK_AGAIN_MS, closing.signal)
    }
  }
  void ask()
  return () => closing.abort()
}
