// @ts-check
// Read before anything is installed: plain JavaScript with nothing but Node 20.
import { parseArgs } from 'node:util'

export const HELP = `Usage: npm run demo [-- options]

Plays a school group with three branches, an ERP each and some 600 students: their events flow through a real Kafka into
a real Redis, and out of the pull endpoint. Tells a story, then goes on with live changes until Ctrl-C, which leaves
nothing behind.

  --tour          play the story once, check every step, exit with 0 or 1
  --stack KIND    where Kafka and Redis come from, else the first of these that can be had:
                    env     those that KAFKA_BROKERS and REDIS_URL name; the Redis database must be empty
                    docker  the images of docker-compose.yml
                    native  Apache Kafka on Java 17, and redis-server
  --rate N        live events a second, 0 to 2000 (default 50)
  --pulls N       live pulls a second, 0 to 2000 (default 100)
  --help          this text

NO_COLOR=1 takes the colours away.
`

const STACKS = ['env', 'docker', 'native']

/**
 * @typedef {object} Flags
 * @property {boolean} help
 * @property {boolean} tour
 * @property {string | undefined} stack
 * @property {number} rate
 * @property {number} pulls
 */

/**
 * @param {readonly string[]} args
 * @returns {{ flags: Flags } | { problem: string }}
 */
export const parseFlags = (args) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        tour: { type: 'boolean' },
        stack: { type: 'string' },
        rate: { type: 'string' },
        pulls: { type: 'string' },
      },
    })
    const { help = false, tour = false, stack } = values
    if (stack !== undefined && !STACKS.includes(stack)) return { problem: `--stack takes ${STACKS.join(', ')}, not "${stack}"` }
    const [rate, pulls] = [perSecond(values.rate ?? '50'), perSecond(values.pulls ?? '100')]
    if (rate === null) return { problem: `--rate takes a number from 0 to 2000, not "${values.rate}"` }
    if (pulls === null) return { problem: `--pulls takes a number from 0 to 2000, not "${values.pulls}"` }
    return { flags: { help, tour, stack, rate, pulls } }
  } catch (error) {
    // Node's own words go on with advice that does not fit here.
    return { problem: error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error) }
  }
}

/** @param {string} text */
const perSecond = (text) => (/^\d{1,4}$/.test(text) && Number(text) <= 2000 ? Number(text) : null)

/**
 * `npm run demo --tour`, without the two dashes: npm keeps the flag to itself, and the demo would go on for ever.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export const keptByNpm = (env) => {
  const name = ['tour', 'stack', 'rate', 'pulls', 'help'].find((flag) => env[`npm_config_${flag}`] !== undefined)
  return name === undefined ? null : `npm kept --${name} to itself; write: npm run demo -- --${name}`
}
