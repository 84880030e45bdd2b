import { BUILD } from '../../version.ts'
import { SAMPLE_IDENTIFIER } from './sample-events.ts'

export type NextSteps = {
  readonly start: readonly string[]
  readonly publish: string
  readonly curl: string
}

type Options = {
  readonly folder: string
  readonly secretFile: string
  readonly eventsFile: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The commands to type next, as this program was started itself. */
export const nextSteps = ({ folder, secretFile, eventsFile, env }: Options): NextSteps => {
  const program = BUILD === null || env['npm_command'] === 'exec' ? 'npx pullgate' : 'pullgate'
  const onServers = Boolean(env['KAFKA_BROKERS'] && env['REDIS_URL'])
  const url = `http://127.0.0.1:${env['PORT'] || 8080}/fetch-student?identifier=${SAMPLE_IDENTIFIER}`
  return {
    start: [
      ...(folder === '.' ? [] : [`cd ${quoted(folder)}`]),
      ...(onServers ? [`${program} topics`] : []),
      `${program} all`,
    ],
    publish: `${program} events publish ${eventsFile}`,
    curl: `curl -i -u "jodo:$(cat ${secretFile})" '${url}'`,
  }
}

const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
