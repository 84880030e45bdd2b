// @ts-check
import { SetupError } from './exec.mjs'
import { prepareKafka, startBroker } from './kafka.mjs'
import { prepareRedis, startRedisServer } from './redis.mjs'

/**
 * Kafka and Redis as processes of their own, side by side; what is missing is fetched where that is allowed.
 *
 * @param {(line: string) => void} say
 */
export const startNative = async (say) => {
  // One after the other: both may install packages, and apt lets only one in.
  const redis = await prepareRedis(say)
  const kafka = await prepareKafka(say)
  if ('problem' in redis || 'problem' in kafka) {
    throw new SetupError(waysOut([redis, kafka].flatMap((part) => ('problem' in part ? [part.problem] : []))))
  }
  const [broker, server] = await both(startBroker(kafka), startRedisServer(redis))
  const { pid: kafkaPid } = broker
  return {
    brokers: `127.0.0.1:${broker.port}`,
    redisUrl: server.url,
    kafkaPid,
    redisPid: server.pid,
    pauseKafka: async () => void process.kill(kafkaPid, 'SIGSTOP'),
    resumeKafka: async () => void process.kill(kafkaPid, 'SIGCONT'),
    stop: async () => void (await Promise.all([broker.stop(), server.stop()])),
  }
}

/** Both, or the reason of the first that failed with the other one stopped.
 *
 * @template {{ stop: () => Promise<void> }} A
 * @template {{ stop: () => Promise<void> }} B
 * @param {Promise<A>} first
 * @param {Promise<B>} second
 * @returns {Promise<[A, B]>}
 */
const both = async (first, second) => {
  try {
    return await Promise.all([first, second])
  } catch (error) {
    const started = await Promise.allSettled([first, second])
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)))
    throw error
  }
}

const waysOut = (/** @type {readonly string[]} */ problems) =>
  [
    'Kafka and Redis cannot be started here:',
    ...problems.map((problem) => `  - ${problem}`),
    'Any one of these helps:',
    '  - set KAFKA_BROKERS=host:port and REDIS_URL=redis://host:port to servers that you have',
    '  - start Docker, with its compose plugin',
    '  - install openjdk-17-jre-headless, maven and redis-server (as root they are installed for you)',
  ].join('\n')
