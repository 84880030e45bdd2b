// @ts-check
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { findOnPath, run, SetupError } from './exec.mjs'
import { freePorts } from './ports.mjs'

/** Whether an engine and its compose plugin answer; else why not. @returns {Promise<{ problem: string } | undefined>} */
export const dockerProblem = async () => {
  if (findOnPath('docker') === undefined) return { problem: 'there is no docker' }
  const [engine, compose] = await Promise.all([
    run('docker', ['info'], { timeoutMs: 5000 }),
    run('docker', ['compose', 'version'], { timeoutMs: 5000 }),
  ])
  if (engine.code !== 0) return { problem: 'no Docker engine answers' }
  return compose.code === 0 ? undefined : { problem: 'Docker has no compose plugin' }
}

/**
 * Kafka and Redis of docker-compose.yml under a project name of their own; gone, with their volumes, at the end, however
 * this process ends.
 *
 * @param {(line: string) => void} say
 */
export const startDocker = async (say) => {
  const [kafkaPort, redisPort] = await freePorts(2)
  const env = { ...process.env, KAFKA_PORT: `${kafkaPort}`, REDIS_PORT: `${redisPort}` }
  const project = ['compose', '-p', `pullgate-${randomBytes(4).toString('hex')}`]
  const compose = (/** @type {string[]} */ ...args) => run('docker', [...project, ...args], { env })
  // Its standard input closes when this process is gone.
  const remove = ['read -r _; exec "$@"', 'sh', 'docker', ...project, 'down', '-v', '--remove-orphans']
  const remover = spawn('/bin/sh', ['-c', ...remove], { env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const removed = once(remover, 'exit')
  const stop = async () => {
    remover.stdin.end()
    await removed
  }
  say('starting Kafka and Redis (docker compose)')
  const { code, output } = await compose('up', '-d', '--wait', 'kafka', 'redis')
  if (code !== 0) {
    await stop()
    throw new SetupError(`docker compose up failed:\n${output.slice(-2000)}`)
  }
  return {
    brokers: `127.0.0.1:${kafkaPort}`,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    pauseKafka: async () => void (await compose('pause', 'kafka')),
    resumeKafka: async () => void (await compose('unpause', 'kafka')),
    stop,
  }
}
