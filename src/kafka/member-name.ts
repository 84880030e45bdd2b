/**
 * The name of a group member at the brokers: program, host and process. It shows an operator which process has which
 * partitions. A process of the same host can also tell an ended member from a silent one.
 */

import { hash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'

export type MemberName = {
  /** The client id to connect with. */
  readonly name: string
  /**
   * A client id names an ended process of this program, with certainty: this process sees all processes of its
   * namespace.
   */
  readonly hasEnded: (clientId: string) => boolean
  /**
   * It has ended, or it cannot be seen although host and address are the same. The latter is probably a container that
   * this process's container replaced. Containers in their host's network look alike.
   */
  readonly isPredecessor: (clientId: string) => boolean
}

export const memberName = (clientId: string, own: Process = thisProcess()): MemberName => {
  const place = `${clientId}_${hostname()}_${address()}_`
  const read = (other: string): Process | null => {
    const parts = other.startsWith(place) ? /^(\w+)_(\d+)_(\w+)$/.exec(other.slice(place.length)) : null
    return parts && { namespace: parts[1]!, pid: Number(parts[2]), began: parts[3]! }
  }
  /** A process number may return, as in a restarted container; the process's start time then decides. */
  const ended = (other: Process): boolean =>
    other.namespace === own.namespace && (other.pid === own.pid ? other.began !== own.began : !isRunning(other.pid))
  return {
    name: `${place}${own.namespace}_${own.pid}_${own.began}`,
    hasEnded: (other) => {
      const named = read(other)
      return named !== null && ended(named)
    },
    isPredecessor: (other) => {
      const named = read(other)
      return named !== null && (named.namespace !== own.namespace || ended(named))
    },
  }
}

export type Process = {
  /** The namespace of process numbers; they mean nothing in another one. */
  readonly namespace: string
  readonly pid: number
  readonly began: string
}

const thisProcess = (): Process => ({
  namespace: pidNamespace(),
  pid: process.pid,
  began: Math.round(performance.timeOrigin).toString(36),
})

/**
 * Specific to this machine and its current boot, because other machines may share name and address; `0` where the
 * system does not say.
 */
const pidNamespace = (): string => {
  try {
    const machine = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
    return hash('sha1', `${machine} ${readlinkSync('/proc/self/ns/pid')}`, 'hex').slice(0, 8)
  } catch {
    return '0'
  }
}

/** Hosts may share a name, such as localhost. */
const address = (): string =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? ''

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
