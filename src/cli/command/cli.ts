import type { Command } from 'commander'

/** 0 done · 1 failed · 2 the command line itself is wrong. An interrupted command (Ctrl-C) ends with 130. */
export type ExitCode = 0 | 1 | 2

/** The options that every command takes. */
export type Globals = { readonly config?: string; readonly json?: boolean }

/** What a command's file registers itself with: one `Register` per file, one line each in program.ts. */
export type Cli = {
  readonly program: Command
  /** A command of its own, or of a group: `topics`, `events key <identifier>`. The examples follow its help. `isDefault`: the group's,
   * where the word after the group's is none of its commands. */
  readonly command: (
    usage: string,
    description: string,
    examples: readonly string[],
    options?: { readonly isDefault?: boolean },
  ) => Command
  /** An action whose answer is the program's exit code. Ctrl-C ends it at once, unless it minds signals itself. */
  readonly run: <Args extends readonly unknown[]>(
    action: (...args: Args) => ExitCode | Promise<ExitCode>,
    mindsSignals?: boolean,
  ) => (...args: Args) => Promise<void>
  readonly globals: () => Globals
}

export type Register = (cli: Cli) => void
