import { parseArgs } from 'node:util'
import { mutations } from './mutations/command.ts'
import { simulate } from './sim/command.ts'

const USAGE = `Usage: npm run lab -- [OPTIONS]

  --sim                 the simulation alone: virtual time, many seeds
    --seed N            this seed only, with everything that happened in it
    --first N           the first of many seeds (1)
    --seeds N           how many (3000)
    --seconds N         or until the time is over
    --failures N        ends after so many failed seeds (20)
  --mutations           takes out one guard after another, and tells what notices
    --only TEXT         those whose name contains it
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    sim: { type: 'boolean' },
    seed: { type: 'string' },
    first: { type: 'string' },
    seeds: { type: 'string' },
    seconds: { type: 'string' },
    failures: { type: 'string' },
    mutations: { type: 'boolean' },
    only: { type: 'string' },
  },
})
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

if (values.mutations) process.exitCode = await mutations(values.only)
else if (values.help || !values.sim) process.stdout.write(USAGE)
else
  process.exitCode = await simulate({
    seed: number(values.seed),
    first: number(values.first) ?? 1,
    seeds: number(values.seeds),
    seconds: number(values.seconds),
    failures: number(values.failures) ?? 20,
  })
