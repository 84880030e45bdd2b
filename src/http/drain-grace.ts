import type { Server } from 'node:http'

const LOOK_MS = 20

/**
 * Goes on taking requests while the load balancer finds out that this gateway is no longer ready: every answer ends its
 * connection, so that clients leave by themselves and no request meets a closed door. Over as soon as nobody is
 * connected any more, at the latest after `withinMs`.
 */
export const drainGrace = async (server: Server, withinMs: number): Promise<void> => {
  const until = performance.now() + withinMs
  while ((await connectionsOf(server)) > 0 && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))
