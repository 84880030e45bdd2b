/**
 * How a member of a group is called at the brokers: program, host and process, so that an operator sees who has which
 * partitions, and a process of the same host can tell a member that is no more from one that is only silent.
 */

import { hostname, networkInterfaces } from 'node:os'

export type MemberName = {
  /** The client id to connect with. */
  readonly name: string
  /** A client id names a process of this program on this host that has ended. Never so of one that cannot be known. */
  readonly hasEnded: (clientId: string) => boolean
}

/** A process number comes again after a restart of a container; then the moment at which the process began tells them apart. */
export const memberName = (clientId: string): MemberName => {
  const place = `${clientId}_${hostname()}_${address()}_`
  const [pid, began] = [process.pid, Math.round(performance.timeOrigin).toString(36)]
  return {
    name: `${place}${pid}_${began}`,
    hasEnded: (other) => {
      const [, otherPid, otherBegan] =
        (other.startsWith(place) && /^(\d+)_(\w+)$/.exec(other.slice(place.length))) || []
      if (otherPid === undefined) return false
      return Number(otherPid) === pid ? otherBegan !== began : !isRunning(Number(otherPid))
    },
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
