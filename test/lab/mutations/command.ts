import { type MutationResult, runMutations } from './run.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** `npm run lab -- --mutations`: a table as Markdown. Returns the exit code. */
export const mutations = async (only: string | undefined): Promise<number> => {
  print('| guard that was taken out | caught by | seconds |\n|---|---|---|')
  const results = await runMutations(only, (result) => print(rowOf(result)))
  if (results === null) print('\nThe project fails as it is: no mutation can be judged.')
  const survived = results?.filter(({ caughtBy }) => caughtBy === null).length ?? 1
  print(`\n${results?.length ?? 0} guards taken out, ${survived} not noticed`)
  return survived === 0 ? 0 : 1
}

const rowOf = ({ guard, caughtBy, seconds }: MutationResult): string =>
  `| ${guard} | ${caughtBy ?? '**nothing**'} | ${seconds.toFixed(0)} |`
