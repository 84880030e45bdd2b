import { dockerAnswers, startDocker } from './docker.mjs'
import { SetupError } from './exec.mjs'
import { startKafka } from './kafka.mjs'
import { startRedis } from './redis.mjs'

export const CHOICES = ['env', 'docker', 'native', 'embedded']

const choose = async (forced) => {
  if (forced !== undefined) {
    if (!CHOICES.includes(forced)) throw new SetupError(`--stack takes ${CHOICES.join(', ')}; this is none: ${forced}`)
    return { kind: forced, why: '--stack says so' }
  }
  if (process.env.KAFKA_BROKERS && process.env.REDIS_URL)
    return { kind: 'env', why: 'KAFKA_BROKERS and REDIS_URL are set' }
  if (await dockerAnswers()) return { kind: 'docker', why: 'a Docker engine answers' }
  return { kind: 'native', why: 'no Docker engine answers' }
}

const startNative = async (say) => {
  const started = await Promise.allSettled([startKafka(say), startRedis(say)])
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed) {
    await Promise.all(started.map(({ value }) => value?.stop()))
    throw failed.reason
  }
  const [kafka, redis] = started.map(({ value }) => value)
  return {
    brokers: kafka.brokers,
    redisUrl: redis.url,
    pauseKafka: async () => kafka.pause(),
    resumeKafka: async () => kafka.resume(),
    pauseRedis: async () => redis.pause(),
    resumeRedis: async () => redis.resume(),
    stop: async () => {
      await Promise.all([kafka.stop(), redis.stop()])
    },
  }
}

/** Servers that another process manages are never paused. */
const NOT_OURS = { pauseKafka: null, resumeKafka: null, pauseRedis: null, resumeRedis: null }

const fromEnv = () => {
  const { KAFKA_BROKERS: brokers, REDIS_URL: redisUrl } = process.env
  if (!brokers || !redisUrl) throw new SetupError('--stack env needs KAFKA_BROKERS and REDIS_URL')
  return { ...NOT_OURS, brokers, redisUrl, stop: async () => {} }
}

/** One SQLite file, which the program makes by itself: nothing to start, nothing to pause. */
const withoutServers = async () => ({
  ...NOT_OURS,
  brokers: null,
  redisUrl: null,
  stop: async () => {},
})

const STARTS = { env: fromEnv, docker: startDocker, native: startNative, embedded: withoutServers }

/**
 * Kafka and Redis, the way this machine allows: those that the environment names, else Docker, else native; and where
 * `embedded` allows it, none at all (`brokers` and `redisUrl` are null then) where they cannot be had or are not wanted.
 * `{ kind, why, brokers, redisUrl, pauseKafka, resumeKafka, pauseRedis, resumeRedis, stop }`; pausing is null where the servers are not ours.
 */
export const startStack = async ({ choice, say, embedded = false }) => {
  const { kind, why } = await choose(choice)
  if (kind === 'embedded' && !embedded) throw new SetupError('this needs real servers, not --stack embedded')
  say(`servers: ${kind} (${why})`)
  try {
    return { kind, why, ...(await STARTS[kind](say)) }
  } catch (error) {
    if (!embedded || choice !== undefined || !(error instanceof SetupError)) throw error
    const [reason] = error.message.split('\n', 1)
    say(`servers: none, one SQLite file takes their place (${reason})`)
    return { kind: 'embedded', why: reason, ...(await withoutServers()) }
  }
}
