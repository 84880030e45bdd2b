import { Command, CommanderError } from 'commander'
import { safeError } from '../logging.ts'
import { answersOf } from './answers/of.ts'
import { answersSuperseded } from './answers/superseded.ts'
import { audit } from './audit/audit.ts'
import { backfill } from './audit/backfill.ts'
import { studentDiff } from './audit/diff.ts'
import type { Cli, ExitCode, Globals, Register } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { onStdoutError, printNow, say, sayPart } from './command/output.ts'
import { completion } from './completion.ts'
import { dlqDecide } from './dlq/decide.ts'
import { dlqList } from './dlq/list.ts'
import { dlqShow } from './dlq/show.ts'
import { doctor } from './doctor/doctor.ts'
import { eventsExport } from './events/export.ts'
import { eventsKey } from './events/key.ts'
import { eventsPublish } from './events/publish.ts'
import { eventsValidate } from './events/validate.ts'
import { hashSecretCommand } from './hash-secret.ts'
import { init } from './init/init.ts'
import { rebuildCommand } from './rebuild.ts'
import { roles } from './roles.ts'
import { studentHistory } from './student/history.ts'
import { studentSettle } from './student/settle.ts'
import { studentShow } from './student/show.ts'
import { topics } from './topics.ts'
import { totals } from './totals.ts'
import { versionText } from './version-text.ts'

/** In the order of the help. A new command is one file that registers itself, and one line here. */
const COMMANDS: readonly Register[] = [
  // Kept apart by lines, so that commands can be added side by side.
  init,
  roles,
  topics,
  eventsValidate,
  eventsPublish,
  eventsKey,
  eventsExport,
  studentShow,
  studentHistory,
  studentSettle,
  studentDiff,
  audit,
  backfill,
  dlqList,
  dlqShow,
  dlqDecide,
  answersOf,
  answersSuperseded,
  totals,
  rebuildCommand,
  doctor,
  hashSecretCommand,
  completion,
]

/** The first words that several commands share. */
const GROUPS: Readonly<Record<string, string>> = {
  events: 'events as publishers see them',
  student: 'what is known of a student, and why',
  dlq: 'dead letters, and the decisions about them',
  answers: 'what was answered, and what has changed since',
}

/** Parses the command line and runs one command to its end. Data is written to stdout, everything else to stderr. */
export const runCli = async (args: readonly string[]): Promise<ExitCode> => {
  const { program, code } = buildProgram()
  onStdoutError(stdoutFailed)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return tell(error)
  }
}

const tell = (error: unknown): ExitCode => {
  if (error instanceof CliFailure) {
    say(error.message)
    return error.exitCode
  }
  const { name, code, message, frames } = safeError(error)
  say(`Unexpected ${[name, code, message].filter((part) => part !== undefined).join(': ')}`)
  if (process.env['LOG_LEVEL'] === 'debug') say((frames ?? []).join('\n'))
  return 1
}

/** As a shell counts a program that SIGINT has ended. */
const INTERRUPTED = 130
const interrupted = (): void => {
  say('interrupted')
  process.exit(INTERRUPTED)
}

/** The reader of the output has closed it: `pullgate student history S-1 | head`. */
const stdoutFailed = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0)
  say(`The output cannot be written: ${error.code ?? error.message}`)
  process.exit(1)
}

/** Only on demand: in a checkout it asks git. */
const printVersion = (): never => {
  printNow(`${versionText()}\n`)
  throw new CommanderError(0, 'commander.version', 'version')
}

/** The whole command line, with the exit code of whatever it has run. */
export const buildProgram = (): { readonly program: Command; readonly code: () => ExitCode } => {
  const program = new Command('pullgate')
    .description("Answers the payment partner's fetch-student call from ERP change events, proven fresh.")
    .option('-V, --version', 'print version, commit and build date')
    .on('option:version', printVersion)
    .option('-c, --config <file>', 'configuration file (default: $PULLGATE_CONFIG, then pullgate.yaml)')
    .option('--json', 'machine-readable output')
    .configureOutput({ writeOut: printNow, writeErr: sayPart })
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true })

  let code: ExitCode = 0
  const groups = new Map<string, Command>()
  const groupOf = (name: string): Command => {
    const known = groups.get(name) ?? program.command(name).description(GROUPS[name]!)
    groups.set(name, known)
    return known
  }
  const cli: Cli = {
    program,
    command: (usage, description, examples, options = {}) => {
      const [first = '', ...rest] = usage.split(' ')
      const command = Object.hasOwn(GROUPS, first)
        ? groupOf(first).command(rest.join(' '), options)
        : program.command(usage)
      const heading = examples.length === 1 ? 'Example' : 'Examples'
      return command
        .description(description)
        .addHelpText('after', `\n${heading}:\n${examples.map((example) => `  ${example}`).join('\n')}`)
    },
    run:
      (action, mindsSignals = false) =>
      async (...args) => {
        if (!mindsSignals) process.on('SIGINT', interrupted)
        code = await action(...args)
      },
    globals: () => program.opts<Globals>(),
  }
  for (const register of COMMANDS) register(cli)
  return { program, code: () => code }
}
