// @ts-check
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** ApiVersions, version 0, no client id: the one request every broker answers, and only once it serves requests. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
const PING = Buffer.from('PING\r\n')

/** @param {string} host @param {number} port */
export const kafkaAnswers = (host, port) =>
  ask(host, port, API_VERSIONS, (reply) => reply.length >= 10 && reply.readInt32BE(4) === 1)

/** A Redis that wants a password answers too: with an error. @param {string} host @param {number} port */
export const redisAnswers = (host, port) =>
  ask(host, port, PING, (reply) => /^(\+PONG|-NOAUTH)/.test(reply.toString('latin1')))

/**
 * Polls until the check says yes. `gone` ends the wait early: there is nothing left to wait for.
 *
 * @param {() => Promise<boolean>} check
 * @param {{ timeoutMs: number, gone?: Promise<unknown> }} options
 * @returns {Promise<boolean>}
 */
export async function until(check, { timeoutMs, gone }) {
  const deadline = performance.now() + timeoutMs
  let ended = false
  gone?.then(() => {
    ended = true
  })
  while (!ended && performance.now() < deadline) {
    if (await check()) return true
    await pause(25)
  }
  return false
}

/**
 * @param {string} host
 * @param {number} port
 * @param {Buffer} request
 * @param {(reply: Buffer) => boolean} isAnswer
 * @returns {Promise<boolean>}
 */
function ask(host, port, request, isAnswer) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const finish = (/** @type {boolean} */ answered) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => socket.write(request))
    socket.once('data', (reply) => finish(isAnswer(reply)))
    socket.once('timeout', () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('close', () => finish(false))
  })
}
