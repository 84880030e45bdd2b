import type { Engine } from '../../../consumers/ports/engine.ts'
import { answersName } from '../../../consumers/ports/topic-spec.ts'
import { signatureOf } from '../../../consumers/stored/checkpoint-metadata.ts'
import type { Scope } from '../../../projections/answers/lookup.ts'
import type { Rendering } from '../../../projections/answers/view.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import { type KeyedHash, keyedHash } from '../../answers/keyed-hash.ts'
import type { Config } from '../../config/load.ts'
import { CliFailure } from '../command/failure.ts'

/** What every command needs that reads recorded answers. */
export type AnswerReader = {
  readonly hashed: KeyedHash
  readonly rendering: Rendering
  readonly signature: string
  readonly scopeOf: (client: string) => Scope
  readonly watchMs: number
}

const HOUR_MS = 3_600_000

export const answerReader = async ({ log }: Pick<Engine, 'log'>, config: Config): Promise<AnswerReader> => {
  const { answers, topic, policy, timezone, clients } = config
  if (answers.key === undefined)
    throw new CliFailure('answers.key is not set: without it nobody can tell whose the recorded answers are')
  for (const name of [topic.name, answersName(topic.name)])
    if ((await log.describe(name)) === null)
      throw new CliFailure(`There is no topic ${name}; "npx pullgate topics" creates it where answers.record is true`)
  const scopes = new Map(clients.map(({ username, branches }) => [username, branches]))
  return {
    hashed: keyedHash(answers.key),
    rendering: { policy, calendar: calendarOf(timezone) },
    signature: signatureOf(policy, timezone, topic.name, topic.partitions),
    scopeOf: (client) => {
      const branches = scopes.get(client)
      return branches === undefined || branches === 'all' ? 'all' : new Set(branches)
    },
    watchMs: answers.watch_hours * HOUR_MS,
  }
}
