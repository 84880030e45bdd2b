import { parseArgs } from 'node:util'
import { SetupError } from '../scripts/setup/exec.mjs'
import { INCIDENTS, incidentsOf, playIncident } from './incidents.ts'
import { live } from './live.ts'
import { pull } from './partner.ts'
import { beginning, makePupil, type Pupil } from './school.ts'
import { scenes } from './story.ts'
import { startWorld, type World } from './world.ts'

const HELP = `npm run demo [-- options]

Plays a school group of three branches and 600 students: events flow through Kafka into Redis
(or, where neither can be had, through one SQLite file), and out of the pull endpoint.
Ctrl-C ends it and leaves nothing behind.

  --tour           play every scene once, check it, exit 0 or 1
  --incident <n>   stage one: projector, kafka, redis, erp, publisher or poison; says where it shows and what
                   mends it, and goes on until Ctrl-C (with --tour: mends it and ends)
  --stack <kind>   env, docker, native or embedded; else the first of these that can be had
  --rate <n>       live changes per second after the story (default 20)
  --help
`

const STUDENTS = 600
const colour = process.stdout.isTTY && !process.env['NO_COLOR']
const bold = (text: string): string => (colour ? `\u001b[1m${text}\u001b[0m` : text)
const dim = (text: string): string => (colour ? `\u001b[2m${text}\u001b[0m` : text)
const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const OPTIONS = {
  tour: { type: 'boolean' },
  incident: { type: 'string' },
  stack: { type: 'string' },
  rate: { type: 'string' },
  help: { type: 'boolean' },
} as const

const chosenOptions = () => {
  try {
    const { values } = parseArgs({ options: OPTIONS })
    const rate = Number(values.rate ?? 20)
    if (!(rate > 0 && rate <= 10_000)) throw new Error(`--rate takes a number from 1 to 10000, not ${values.rate}`)
    const incident = INCIDENTS.find((name) => name === values.incident)
    if (values.incident !== undefined && incident === undefined)
      throw new Error(`--incident takes ${INCIDENTS.join(', ')}; this is none: ${values.incident}`)
    return { ...values, rate, incident }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`)
    return null
  }
}

const load = async (world: World): Promise<Pupil[]> => {
  const pupils = Array.from({ length: STUDENTS }, (_, index) => makePupil(index))
  const records = pupils.flatMap((pupil) => beginning(world.topic, pupil))
  const began = performance.now()
  await world.publish(records)
  const last = pupils.at(-1)!
  while ((await pull(world, { identifier: last.id })).source !== 'projection');
  print(`${STUDENTS} students, ${records.length} events, projected after ${Math.round(performance.now() - began)} ms`)
  return pupils
}

const story = async (world: World, pupils: readonly Pupil[]): Promise<number> => {
  let failed = 0
  for (const [index, { title, play }] of scenes(world, pupils).entries()) {
    const told = await play()
    print(`\n${bold(`${index + 1}. ${title}`)}`)
    for (const line of told.lines) print(`   ${line}`)
    if (told.wrong !== null) failed += 1
    print(told.wrong === null ? dim('   ✓ as it should be') : `   ✗ ${told.wrong}`)
  }
  if (!world.pause)
    print(dim(`\n(${world.killAndRestart ? 'there is no Kafka' : 'the servers are not ours'}: Kafka is not paused)`))
  return failed
}

const main = async (): Promise<number> => {
  const chosen = chosenOptions()
  if (chosen === null) return 2
  if (chosen.help) {
    print(HELP)
    return 0
  }
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())
  process.stdout.on('error', () => stopping.abort()) // whoever read it has gone
  const began = performance.now()
  const world = await startWorld(chosen.stack, print, chosen.incident !== undefined)
  try {
    if (stopping.signal.aborted) return 0
    return await Promise.race([play(world, chosen, began, stopping.signal), aborted(stopping.signal)])
  } finally {
    await ended(world)
  }
}

type Chosen = NonNullable<ReturnType<typeof chosenOptions>>

const play = async (world: World, chosen: Chosen, began: number, stopping: AbortSignal): Promise<number> => {
  const pupils = await load(world)
  const first = await pull(world, { identifier: pupils[0]!.id })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  print(`first answer ${seconds} s after the start; the program's log: ${world.logFile}`)
  print([`page ${world.page}/`, ...world.servers].join('   '))
  if (chosen.incident !== undefined) {
    const mendsItself = chosen.tour === true
    const ok = await playIncident(world, incidentsOf(world, pupils)[chosen.incident], print, { mendsItself, stopping })
    if (mendsItself) return ok ? 0 : 1
    print('\nIt goes on like this; Ctrl-C ends everything')
    return await aborted(stopping)
  }
  print('')
  print('Ask it yourself:')
  print(`  ${bold(`curl -i -u ${world.credentials} '${world.url}?identifier=${pupils[0]!.id}'`)}`)
  print(dim(`  ${JSON.stringify(first.body).slice(0, 300)}…`))
  const failed = await story(world, pupils)
  if (chosen.tour) {
    print(failed === 0 ? '\nevery scene as it should be' : `\n${failed} scenes went wrong`)
    return failed === 0 ? 0 : 1
  }
  print(`\n${bold('Live')} at ${chosen.rate} events/s, each change followed by a pull; Ctrl-C ends it`)
  await live(world, pupils, chosen.rate, stopping)
  return 0
}

/** Whatever hangs, Ctrl-C ends it: 0, as soon as it was pressed. */
const aborted = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(0)
    signal.addEventListener('abort', () => resolve(0))
  })

const END_MS = 20_000

/** A paused server goes on first, so that it can end. */
const ended = async (world: World): Promise<void> => {
  for (const resume of [world.resume, world.resumeRedis]) await resume?.().catch(() => {})
  const timer = setTimeout(() => process.exit(1), END_MS)
  await world.close()
  clearTimeout(timer)
}

try {
  process.exitCode = await main()
} catch (error) {
  const message = error instanceof SetupError ? error.message : `the demo failed: ${(error as Error).message}`
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
