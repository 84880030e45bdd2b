import { Argument, type Command } from 'commander'
import type { ExitCode, Register } from './command/cli.ts'
import { print } from './command/output.ts'

type Shell = 'bash' | 'zsh' | 'fish'

export const completion: Register = (cli) =>
  cli
    .command('completion', 'prints a script that completes commands and options in your shell', [
      'source <(npx pullgate completion bash)',
      'npx pullgate completion fish > ~/.config/fish/completions/pullgate.fish',
    ])
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(cli.run((shell: Shell) => runCompletion(shell, cli.program)))

const runCompletion = async (shell: Shell, program: Command): Promise<ExitCode> => {
  await print(scriptFor(shell, program))
  return 0
}

/** A command by its words (`''`: the program itself), and what may follow them. */
type CompletionPoint = {
  readonly words: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly string[]
}

export const scriptFor = (shell: Shell, program: Command): string => {
  const places = placesOf(program, [])
  if (shell === 'fish') return fish(places)
  const head =
    shell === 'zsh' ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : ''
  return `${head}${bash(places)}`
}

const placesOf = (command: Command, words: readonly string[]): readonly CompletionPoint[] => [
  {
    words: words.join(' '),
    commands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
    options: [...command.options, ...(command.parent?.options ?? [])].flatMap(({ long }) => long ?? []),
  },
  ...command.commands.flatMap((one) => placesOf(one, [...words, one.name()])),
]

const bash = (places: readonly CompletionPoint[]): string => {
  const paths = places.flatMap(({ words }) => (words === '' ? [] : [`"${words}"`]))
  const cases = places.map(
    ({ words, commands, options }) =>
      `    "${words}") choices="${[...commands.map(({ name }) => name), ...options, '--help'].join(' ')}" ;;`,
  )
  return `_pullgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" word choices=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${words:+$words }$word" in
      ${paths.join('|')}) words="\${words:+$words }$word" ;;
    esac
  done
  case "$words" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -o default -F _pullgate pullgate
`
}

const fish = (places: readonly CompletionPoint[]): string => {
  const lines = places.flatMap(({ words, commands, options }) => {
    const seen = words.split(' ').filter((word) => word !== '')
    const others = commands.map(({ name }) => name).join(' ')
    const here = seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
    const nothingYet = others === '' ? '' : `not __fish_seen_subcommand_from ${others}`
    const condition = [here, nothingYet].filter((part) => part !== '').join('; and ')
    return [
      ...commands.map(
        ({ name, description }) =>
          `complete -c pullgate -n '${condition}' -a ${name} -d '${description.replaceAll("'", '’')}'`,
      ),
      ...options.map((long) => `complete -c pullgate${here === '' ? '' : ` -n '${here}'`} -l ${long.slice(2)}`),
    ]
  })
  return `${[...new Set(lines)].join('\n')}\n`
}
