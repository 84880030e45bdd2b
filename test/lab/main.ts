import { parseArgs } from 'node:util'
import { simulate } from './sim/command.ts'

const USAGE = `Usage: npm run lab -- [OPTIONS]

  --sim                 the simulation alone: virtual time, many seeds
    --seed N            this seed only, with everything that happened in it
    --first N           the first of many seeds (1)
    --seeds N           how many (3000)
    --seconds N         or until the time is over
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    sim: { type: 'boolean' },
    seed: { type: 'string' },
    first: { type: 'string' },
    seeds: { type: 'string' },
    seconds: { type: 'string' },
  },
})
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

if (values.help || !values.sim) process.stdout.write(USAGE)
else
  process.exitCode = await simulate({
    seed: number(values.seed),
    first: number(values.first) ?? 1,
    seeds: number(values.seeds),
    seconds: number(values.seconds),
  })
