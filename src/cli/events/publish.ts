import { createReadStream } from 'node:fs'
import type { Engine } from '../../../consumers/ports/engine.ts'
import { LogError } from '../../../consumers/ports/log-error.ts'
import { topicProblems, topicSpecs } from '../../../consumers/ports/topic-spec.ts'
import type { Config } from '../../config/load.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { plural, print, printJson, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { logFailure, withLog } from '../command/with-engine.ts'
import { placesNamed } from './decisions.ts'
import { type EventLine, readEventLine } from './event-line.ts'
import { checkFiles, isPipe, type Line } from './lines.ts'
import { publication } from './publication.ts'
import { type Spool, spool } from './spool.ts'
import { type LineProblem, problemText } from './validate.ts'
import { readEvents } from './values.ts'

export const eventsPublish: Register = (cli) =>
  cli
    .command('events publish <files...>', 'publishes events with their record keys, all or none; "-" is stdin', [
      'npx pullgate events publish outbox.ndjson',
      'npx pullgate events export --config old.yaml | npx pullgate events publish - --config new.yaml',
    ])
    .action(cli.run((files: readonly string[]) => runPublish(files, cli.globals())))

const runPublish = (files: readonly string[], globals: Globals): Promise<ExitCode> =>
  withLog(
    globals,
    async (engine, config) => {
      if (files.filter((file) => file === '-').length > 1) throw new CliFailure('stdin can be read only once', 2)
      checkFiles(files)
      await checkTopic(engine, config)
      const spooled = new Map<string, Spool>()
      for (const file of files.filter(isPipe))
        spooled.set(file, await spool(file === '-' ? process.stdin : createReadStream(file)))
      const lines = async function* (): AsyncGenerator<{ line: Line; read: EventLine }> {
        for (const file of files)
          for await (const line of readEvents(file, process.stdin, spooled.get(file)?.open()))
            yield { line, read: readEventLine(line, config.topic.partitions) }
      }
      try {
        const checked = await check(lines())
        if (checked.problems.length > 0) {
          await tellProblems(checked.problems, globals)
          say(
            `${plural(checked.events, 'event')}, ${plural(checked.problems.length, 'problem')}; nothing was published`,
          )
          return 1
        }
        return await publish(engine, config, lines(), checked, globals)
      } finally {
        for (const one of spooled.values()) one.close()
      }
    },
    'publish',
  )

/** Publishing into a topic that is not there would create one that is not as it must be. */
const checkTopic = async ({ log }: Engine, { topic }: Config): Promise<void> => {
  const [spec] = topicSpecs(topic.name, topic.partitions)
  const found = await log.describe(topic.name)
  if (!found) throw new CliFailure(`There is no topic ${topic.name}; "npx pullgate topics" creates it`)
  const problems = topicProblems(spec!, found).map(({ what, wanted, found: is }) => `${what} is ${is}, not ${wanted}`)
  if (problems.length > 0) throw new CliFailure(`The topic ${topic.name} is not as it must be: ${problems.join('; ')}`)
}

type CheckedFile = {
  readonly events: number
  readonly problems: readonly LineProblem[]
  readonly named: ReadonlySet<string>
}

const check = async (lines: AsyncIterable<{ line: Line; read: EventLine }>): Promise<CheckedFile> => {
  const bar = progress('checking')
  const problems: LineProblem[] = []
  const named = new Set<string>()
  let events = 0
  for await (const { line, read } of lines) {
    events += 1
    bar.at(events)
    if (read.kind === 'bad')
      for (const problem of read.problems) problems.push({ file: line.file, line: line.number, ...problem })
    else if (read.decides) for (const place of placesNamed(read.record)) named.add(place)
  }
  bar.end()
  return { events, problems, named }
}

const tellProblems = async (problems: readonly LineProblem[], globals: Globals): Promise<void> => {
  if (globals.json) return printJson({ published: 0, problems })
  for (const problem of problems) await print(`${problemText(problem)}\n`)
}

const publish = async (
  engine: Engine,
  config: Config,
  lines: AsyncIterable<{ line: Line; read: EventLine }>,
  { events, named }: CheckedFile,
  globals: Globals,
): Promise<ExitCode> => {
  const bar = progress('publishing')
  const publishing = publication(engine.log, config.topic.name, named)
  try {
    for await (const { line, read } of lines) {
      if (read.kind === 'bad')
        throw new CliFailure(`${line.file}:${line.number} has changed meanwhile; ${soFar(publishing.count())}`)
      await publishing.add(read)
      bar.at(publishing.count(), events)
    }
    await publishing.flush()
    if (publishing.count() !== events)
      throw new CliFailure(`The files have changed meanwhile; ${soFar(publishing.count())}`)
  } catch (error) {
    bar.end()
    if (!(error instanceof LogError)) throw error
    throw new CliFailure(
      `${logFailure(error, engine)}\n${soFar(publishing.count())} of ${events.toLocaleString('en')}, perhaps some more. Publishing the same again is safe: an event counts once.`,
    )
  }
  bar.end()
  const { lost } = publishing
  if (lost() > 0)
    say(`${plural(lost(), 'decision')} about dead letters that are not in these files will have no effect`)
  if (globals.json) await printJson({ published: publishing.count(), positions: publishing.positions() })
  else await print(publishing.summary())
  return 0
}

const soFar = (count: number): string => `${plural(count, 'event was', 'events were')} published`
