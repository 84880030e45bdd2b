// @ts-check
import { dockerProblem, startDocker } from './docker.mjs'
import { SetupError } from './exec.mjs'
import { startNative } from './native.mjs'

export const CHOICES = ['env', 'docker', 'native']

/**
 * @typedef {object} Stack
 * @property {string} kind one of CHOICES
 * @property {string} why it was chosen
 * @property {string} brokers
 * @property {string} redisUrl
 * @property {number} [kafkaPid] native only
 * @property {number} [redisPid] native only
 * @property {(() => Promise<void>) | null} pauseKafka null where the broker is not ours
 * @property {(() => Promise<void>) | null} resumeKafka
 * @property {() => Promise<void>} stop leaves nothing behind, and so does the end of this process without it
 */

/**
 * Kafka and Redis, the way this machine allows: those that the environment names, else Docker, else native.
 *
 * @param {{ choice?: string | undefined, say: (line: string) => void }} options choice: forces one
 * @returns {Promise<Stack>}
 */
export const startStack = async ({ choice, say }) => {
  const { kind, why } = await choose(choice)
  say(`servers: ${kind} (${why})`)
  const start = { env: fromEnv, docker: startDocker, native: startNative }[kind]
  return { kind, why, ...(await start(say)) }
}

/**
 * @param {string | undefined} forced
 * @returns {Promise<{ kind: 'env' | 'docker' | 'native', why: string }>}
 */
const choose = async (forced) => {
  const { KAFKA_BROKERS: brokers, REDIS_URL: redisUrl } = process.env
  if (forced === undefined && brokers && redisUrl) return { kind: 'env', why: 'KAFKA_BROKERS and REDIS_URL are set' }
  const docker = forced === undefined || forced === 'docker' ? await dockerProblem() : undefined
  if (forced === 'docker' && docker !== undefined) throw new SetupError(`--stack docker: ${docker.problem}`)
  if (forced === 'env' || forced === 'docker' || forced === 'native') return { kind: forced, why: '--stack says so' }
  if (forced !== undefined) throw new SetupError(`--stack takes ${CHOICES.join(', ')}; this is none: ${forced}`)
  if (docker === undefined) return { kind: 'docker', why: 'a Docker engine answers' }
  const half = brokers || redisUrl ? 'only one of KAFKA_BROKERS and REDIS_URL is set, and ' : ''
  return { kind: 'native', why: `${half}${docker.problem}` }
}

const fromEnv = async () => {
  const { KAFKA_BROKERS: brokers, REDIS_URL: redisUrl } = process.env
  if (!brokers || !redisUrl) throw new SetupError('--stack env needs KAFKA_BROKERS and REDIS_URL')
  return { brokers, redisUrl, pauseKafka: null, resumeKafka: null, stop: async () => {} }
}
