import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Who listens on a TCP port of this machine, as `node, pid 4711`; `null` where that cannot be seen (or not on Linux). */
export const portOwner = (port: number): string | null => {
  try {
    const inodes = ['tcp', 'tcp6'].flatMap((table) => listeningInodes(`/proc/net/${table}`, port))
    const pid = inodes.length === 0 ? undefined : readdirSync('/proc').find((name) => holdsSocket(name, inodes))
    return pid === undefined ? null : `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}, pid ${pid}`
  } catch {
    return null
  }
}

const LISTENING = '0A'

/** A line is: number, local address:port in hexadecimal, remote one, state, …, and the socket's inode in the tenth place. */
const listeningInodes = (table: string, port: number): readonly string[] =>
  readLines(table).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    return state === LISTENING && Number.parseInt(local.split(':').at(-1) ?? '', 16) === port ? [inode] : []
  })

const readLines = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1)
  } catch {
    return []
  }
}

const holdsSocket = (pid: string, inodes: readonly string[]): boolean => {
  if (!/^\d+$/.test(pid)) return false
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isSocket(`/proc/${pid}/fd/${fd}`, inodes))
  } catch {
    return false
  }
}

const isSocket = (fd: string, inodes: readonly string[]): boolean => {
  try {
    const link = readlinkSync(fd)
    return inodes.some((inode) => link === `socket:[${inode}]`)
  } catch {
    return false
  }
}
