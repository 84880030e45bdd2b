import { run } from '../../scripts/setup/exec.mjs'

/** Network namespaces of a test's own, joined by a bridge that the test's own process is on too. */
export type Namespaces = {
  /** The address of one of them. */
  readonly addressOf: (node: number) => string
  /** A command line that runs inside it. */
  readonly inside: (node: number, command: string, args: readonly string[]) => readonly [string, readonly string[]]
  /** From now on the one sends nothing to the others, nor an answer; what runs outside reaches all of them. */
  readonly part: (node: number, others: readonly number[]) => Promise<void>
  readonly rejoin: (node: number, others: readonly number[]) => Promise<void>
  readonly close: () => Promise<void>
}

const ip = async (...args: readonly string[]): Promise<void> => {
  const { code, output } = await run('ip', [...args])
  if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${output}`)
}

/** `null` where this machine or this user may have none. */
export const openNamespaces = async (nodes: readonly number[]): Promise<Namespaces | null> => {
  if (process.getuid?.() !== 0) return null
  const name = `pg${process.pid}`
  const net = `10.77.${process.pid % 250}`
  const spaceOf = (node: number): string => `${name}-${node}`
  const addressOf = (node: number): string => `${net}.${node + 10}`
  const close = async (): Promise<void> => {
    for (const node of nodes) await run('ip', ['netns', 'del', spaceOf(node)])
    await run('ip', ['link', 'del', name])
  }
  try {
    await ip('link', 'add', name, 'type', 'bridge')
    await ip('addr', 'add', `${net}.1/24`, 'dev', name)
    await ip('link', 'set', name, 'up')
    for (const node of nodes) {
      const [space, end] = [spaceOf(node), `${name}v${node}`]
      await ip('netns', 'add', space)
      await ip('link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
      await ip('link', 'set', end, 'master', name, 'up')
      await ip('-n', space, 'addr', 'add', `${addressOf(node)}/24`, 'dev', 'eth0')
      await ip('-n', space, 'link', 'set', 'eth0', 'up')
      await ip('-n', space, 'link', 'set', 'lo', 'up')
    }
  } catch {
    await close().catch(() => {})
    return null
  }
  return {
    addressOf,
    inside: (node, command, args) => ['ip', ['netns', 'exec', spaceOf(node), command, ...args]],
    part: async (node, others) => {
      for (const other of others) await ip('-n', spaceOf(node), 'route', 'add', 'blackhole', addressOf(other))
    },
    rejoin: async (node, others) => {
      for (const other of others) await ip('-n', spaceOf(node), 'route', 'del', 'blackhole', addressOf(other))
    },
    close,
  }
}
