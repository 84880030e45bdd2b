import { randomBytes } from 'node:crypto'
import { findOnPath, run, SetupError } from './exec.mjs'
import { freePort } from './server.mjs'

export const dockerAnswers = async () =>
  findOnPath('docker') !== undefined && (await run('docker', ['info'], { timeoutMs: 5000 })).code === 0

/** Kafka and Redis of docker-compose.yml under a project name of their own; gone, with their volumes, at the end. */
export const startDocker = async (say) => {
  const project = `pullgate-${randomBytes(4).toString('hex')}`
  const [kafkaPort, redisPort] = [await freePort(), await freePort()]
  const env = { ...process.env, KAFKA_PORT: String(kafkaPort), REDIS_PORT: String(redisPort) }
  const compose = (...args) => run('docker', ['compose', '-p', project, ...args], { env })
  say('starting Kafka and Redis (docker compose)')
  const { code, output } = await compose('up', '-d', '--wait', 'kafka', 'redis')
  const stop = async () => {
    await compose('down', '-v', '--remove-orphans')
  }
  if (code !== 0) {
    await stop()
    throw new SetupError(`docker compose up failed:\n${output.slice(-2000)}`)
  }
  return {
    brokers: `127.0.0.1:${kafkaPort}`,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    pauseKafka: () => compose('pause', 'kafka'),
    resumeKafka: () => compose('unpause', 'kafka'),
    pauseRedis: () => compose('pause', 'redis'),
    resumeRedis: () => compose('unpause', 'redis'),
    stop,
  }
}
