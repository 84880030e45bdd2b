import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.ts'
import type { Cli, ExitCode, Globals, Register } from './cli.ts'
import { dlqDecide } from './dlq/decide.ts'
import { dlqList } from './dlq/list.ts'
import { dlqShow } from './dlq/show.ts'
import { eventsExport } from './events/export.ts'
import { eventsKey } from './events/key.ts'
import { eventsPublish } from './events/publish.ts'
import { eventsValidate } from './events/validate.ts'
import { CliFailure } from './failure.ts'
import { hashSecretCommand } from './hash-secret.ts'
import { rebuildCommand } from './rebuild.ts'
import { roles } from './roles.ts'
import { studentHistory } from './student/history.ts'
import { studentShow } from './student/show.ts'
import { topics } from './topics.ts'

/** In the order of the help. A new command is one file that registers itself, and one line here. */
const COMMANDS: readonly Register[] = [
  // Kept apart by lines, so that commands can be added side by side.
  roles,
  topics,
  eventsValidate,
  eventsPublish,
  eventsKey,
  eventsExport,
  studentShow,
  studentHistory,
  dlqList,
  dlqShow,
  dlqDecide,
  rebuildCommand,
  hashSecretCommand,
]

/** The first words that several commands share. */
const GROUPS: Readonly<Record<string, string>> = {
  events: 'events as publishers see them',
  student: 'what is known of a student, and why',
  dlq: 'dead letters, and the decisions about them',
}

/** Parses the command line and runs one command to its end. Data goes to stdout, everything else to stderr. */
export const runCli = async (args: readonly string[]): Promise<ExitCode> => {
  const { program, code } = buildProgram()
  try {
    await program.parseAsync(args, { from: 'user' })
    return code()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof CliFailure) {
      process.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    throw error
  }
}

/** The whole command line, with the exit code of whatever it has run. */
export const buildProgram = (): { readonly program: Command; readonly code: () => ExitCode } => {
  const program = new Command('pullgate')
    .description("Answers the payment partner's fetch-student call from ERP change events, proven fresh.")
    .version(VERSION)
    .option('-c, --config <file>', 'configuration file (else $PULLGATE_CONFIG, else pullgate.yaml)')
    .option('--json', 'machine-readable output')
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
    command: (usage, description, examples) => {
      const [first = '', ...rest] = usage.split(' ')
      const command = Object.hasOwn(GROUPS, first) ? groupOf(first).command(rest.join(' ')) : program.command(usage)
      const heading = examples.length === 1 ? 'Example' : 'Examples'
      return command
        .description(description)
        .addHelpText('after', `\n${heading}:\n${examples.map((example) => `  ${example}`).join('\n')}`)
    },
    run:
      (action) =>
      async (...args) => {
        code = await action(...args)
      },
    globals: () => program.opts<Globals>(),
  }
  for (const register of COMMANDS) register(cli)
  return { program, code: () => code }
}
