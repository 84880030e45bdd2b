/**
 * How a member of a group is called at the brokers: program, host and process. It shows an operator who has which
 * partitions. It also lets a process of the same host tell a member that has ended from one that is only silent.
 */

import { hash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'

export type MemberName = {
  /** The client id to connect with. */
  readonly name: string
  /** A client id names a process of this program that has ended, for certain: this one sees all processes around it. */
  readonly hasEnded: (clientId: string) => boolean
  /**
   * It has ended, or names one that cannot be seen from here though host and address are the same: that of a container, in
   * all likelihood, whose place this one's has taken. Containers that share their host's network look the same to each other.
   */
  readonly isPredecessor: (clientId: string) => boolean
}

export const memberName = (clientId: string, own: Process = thisProcess()): MemberName => {
  const place = `${clientId}_${hostname()}_${address()}_`
  const read = (other: string): Process | null => {
    const parts = other.startsWith(place) ? /^(\w+)_(\d+)_(\w+)$/.exec(other.slice(place.length)) : null
    return parts && { namespace: parts[1]!, pid: Number(parts[2]), began: parts[3]! }
  }
  /** A number comes again, as in a container that was restarted; then the moment at which the process began tells. */
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
  /** Of process numbers: they mean nothing in another one. */
  readonly namespace: string
  readonly pid: number
  readonly began: string
}

const thisProcess = (): Process => ({
  namespace: pidNamespace(),
  pid: process.pid,
  began: Math.round(performance.timeOrigin).toString(36),
})

/** Of this machine since its start, for others may share name and address; `0` where the system does not tell. */
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
