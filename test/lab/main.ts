import { parseArgs } from 'node:util'
import { mutations } from './mutations/command.ts'
import { realLab } from './real/command.ts'
import { simulate } from './sim/command.ts'
import { upgrade } from './upgrade/command.ts'

const USAGE = `Usage: npm run lab -- [OPTIONS]

  --minutes N           the default: real processes, Kafka and Redis for N minutes (5)
    --seed N            the seed of the first round (1)
    --brokers 3         three brokers with three copies instead of one
    --shards            a Redis Cluster of three shards instead of one Redis and its replica
    --round N           seconds of faults in a round (60)
    --out FILE          also writes FILE.md and FILE.json
  --sim                 the simulation alone: virtual time, many seeds
    --seed N            this seed only, with everything that happened in it
    --first N           the first of many seeds (1)
    --seeds N           how many (3000)
    --seconds N         or until the time is over
    --failures N        ends after so many failed seeds (20)
  --mutations           takes out one guard after another, and tells what notices
    --only TEXT         those whose name contains it
  --upgrade             this package takes over from a former version, and gives back
    --former COMMIT     that version (the last commit of the former fold version)
    --store FILE        stores what the former version leaves behind, for the tests
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
    upgrade: { type: 'boolean' },
    former: { type: 'string' },
    store: { type: 'string' },
    minutes: { type: 'string' },
    brokers: { type: 'string' },
    shards: { type: 'boolean' },
    round: { type: 'string' },
    out: { type: 'string' },
  },
})
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const run = (): Promise<number> => {
  if (values.mutations) return mutations(values.only)
  if (values.upgrade) return upgrade({ former: values.former, store: values.store })
  if (!values.sim)
    return realLab({
      seed: number(values.seed) ?? 1,
      minutes: number(values.minutes) ?? 5,
      roundSeconds: number(values.round) ?? 60,
      brokers: values.brokers === '3' ? 3 : 1,
      isSharded: values.shards === true,
      out: values.out,
    })
  return simulate({
    seed: number(values.seed),
    first: number(values.first) ?? 1,
    seeds: number(values.seeds),
    seconds: number(values.seconds),
    failures: number(values.failures) ?? 20,
  })
}

if (values.help) process.stdout.write(USAGE)
// Whatever a killed server has left waiting ends with it.
else process.exit(await run())
