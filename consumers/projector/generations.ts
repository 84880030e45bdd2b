import type { Log } from '../ports/log.ts'
import { LogError } from '../ports/log-error.ts'
import type { ProjectionWriter, StoreAdmin } from '../ports/store.ts'
import { newMetadata, signatureIn } from '../stored/checkpoint-metadata.ts'
import { checkpointWrite } from '../stored/checkpoint-view.ts'
import { countProblem } from '../stored/log-identity.ts'

export type GenerationDeps = {
  readonly log: Pick<Log, 'ends' | 'startOffsets'>
  readonly store: Pick<ProjectionWriter, 'checkpoint' | 'apply'>
  readonly admin: StoreAdmin
  readonly topic: string
  readonly partitions: number
  readonly signature: string
}

/**
 * The relation of the active generation to this projector. `ours`: the same fold and policy made it, so this projector
 * continues it. `foreign`: another signature made it. Only a projector with the same signature may write to it.
 */
export type GenerationState =
  | { readonly kind: 'ours'; readonly generation: number }
  | { readonly kind: 'foreign'; readonly generation: number; readonly maker: string }

/** @throws where the store belongs to another topic by now: it was emptied, and claimed by others */
export const generationState = async (deps: GenerationDeps): Promise<GenerationState> => {
  for (;;) {
    const active = await deps.admin.activeGeneration()
    if (active !== null) {
      const maker = (await builderSignatureOf(deps, active)) ?? deps.signature
      return maker === deps.signature
        ? { kind: 'ours', generation: active }
        : { kind: 'foreign', generation: active, maker }
    }
    const owner = await deps.admin.claim(deps.topic)
    if (owner !== deps.topic) throw new Error(`this store belongs to the topic ${owner}`)
    const begun = await deps.admin.newGeneration()
    await initialiseGeneration(deps, begun, 'zero')
    await deps.admin.activate(null, begun)
  }
}

/** The signature that a generation bears; `null` where it has no checkpoint at all. */
export const builderSignatureOf = async (
  { store, partitions }: Pick<GenerationDeps, 'store' | 'partitions'>,
  generation: number,
): Promise<string | null> => {
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  const checkpoints = await Promise.all(numbers.map((partition) => store.checkpoint(generation, partition)))
  const first = checkpoints.find((checkpoint) => checkpoint !== null)
  return first ? signatureIn(first.metadata) : null
}

/**
 * Gives every partition its first checkpoint, so that no other process finds the generation without a signature. False
 * where the generation is being removed, for example after an interrupted removal.
 *
 * @param from `start` accepts a log that has lost its beginning
 */
export const initialiseGeneration = async (
  deps: GenerationDeps,
  generation: number,
  from: 'zero' | 'start',
): Promise<boolean> => {
  const { log, store, topic, signature } = deps
  const numbers = Array.from({ length: deps.partitions }, (_, index) => index)
  const starts = from === 'start' ? await log.startOffsets(topic, numbers) : new Map<number, number>()
  const ends = await log.ends(topic, numbers)
  const results = await Promise.all(
    numbers.map((partition) => {
      const end = ends.get(partition)
      if (end === undefined)
        throw new LogError('unavailable', `the log does not tell the end of partition ${partition}`)
      if (end.partitions !== deps.partitions) throw new Error(countProblem(end.partitions, deps.partitions))
      const { identity } = end
      const first = { generation, next: starts.get(partition) ?? 0, metadata: newMetadata(signature, identity) }
      return store.apply(checkpointWrite(first, partition, null))
    }),
  )
  return results.every(({ kind }) => kind !== 'retired')
}
