import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.ts'
import { type DlqOptions, runDlqDecision, runDlqList, runDlqShow } from './dlq.ts'
import { runEventsKey } from './events-key.ts'
import { CliFailure } from './failure.ts'
import { runHashSecret } from './hash-secret.ts'
import { runRole } from './run-role.ts'
import { runTopics } from './topics.ts'

/** 0 done · 1 failed · 2 the command line itself is wrong. */
export type ExitCode = 0 | 1 | 2

/** Parses the command line and runs one command to its end. Data goes to stdout, everything else to stderr. */
export const runCli = async (args: readonly string[]): Promise<ExitCode> => {
  const program = new Command('pullgate')
    .description("Answers the payment partner's fetch-student call from ERP change events, proven fresh.")
    .version(VERSION)
    .option('-c, --config <file>', 'configuration file (else $PULLGATE_CONFIG, else pullgate.yaml)')
    .option('--json', 'machine-readable output')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true })

  let code: ExitCode = 0
  const globals = (): Globals => program.opts<Globals>()
  const command = (name: string, description: string, example: string): Command =>
    program.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`)
  const run = (action: () => Promise<ExitCode>) => async (): Promise<void> => {
    code = await action()
  }

  for (const [role, description] of ROLES) {
    command(role, description, `npx pullgate ${role} --config pullgate.yaml`).action(
      run(() => runRole(role, globals())),
    )
  }
  command('topics', 'creates the topics; leaves existing ones as they are', 'npx pullgate topics').action(
    run(() => runTopics(globals())),
  )
  command('hash-secret', 'makes scrypt$… of a secret on stdin', "printf %s 's3cret' | npx pullgate hash-secret").action(
    run(() => runHashSecret(process.stdin)),
  )
  const dlq = program.command('dlq').description('dead letters, and the decisions about them')
  const letters = (name: string, description: string): Command =>
    dlq
      .command(`${name} [identifier]`)
      .description(description)
      .addHelpText('after', `\nExample:\n  npx pullgate dlq ${name} S-1001`)
  letters('list', 'lists them, open and settled').action(async (identifier: string | undefined) => {
    code = await runDlqList(identifier, globals())
  })
  letters('show', 'shows them whole')
    .option('--at <partition:offset>', 'the one that lay there in the log')
    .option('--all', 'all of them')
    .action(async (identifier: string | undefined, options: DlqOptions) => {
      code = await runDlqShow(identifier, options, globals())
    })
  for (const [action, description] of DECISIONS) {
    letters(action, description)
      .option('--at <partition:offset>', 'the one that lay there in the log')
      .option('--all', 'all open ones')
      .option('--force', action === 'replay' ? 'also where it has no place: after what came later' : 'with --let-go')
      .option('--let-go <source#sequence...>', 'numbers that a forced discard lets go of besides')
      .action(async (identifier: string | undefined, options: DlqOptions) => {
        code = await runDlqDecision(action, identifier, options, globals())
      })
  }

  const events = program.command('events').description('events as publishers see them')
  events
    .command('key <identifier>')
    .description('record key and partition of a student')
    .addHelpText('after', '\nExample:\n  npx pullgate events key S-1001')
    .action(async (identifier: string) => {
      code = runEventsKey(identifier, globals())
    })

  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof CliFailure) {
      process.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    throw error
  }
}

export type Globals = { readonly config?: string; readonly json?: boolean }

const DECISIONS = [
  ['replay', 'puts them into their place in the sequence, judged afresh'],
  ['discard', 'lets the sequence go on without them'],
] as const

const ROLES = [
  ['gateway', 'answers pulls'],
  ['projector', 'folds the event log into the projection'],
  ['all', 'gateway and projector in one process'],
] as const
