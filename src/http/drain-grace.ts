import type { Server } from 'node:http'

const LOOK_MS = 20

/**
 * Serves requests until the load balancer notices that this gateway is no longer ready. Every answer ends its
 * connection, so clients leave without meeting a refused connection. Ends when no client is connected, at the latest
 * after `withinMs`.
 */
export const drainGrace = async (server: Server, withinMs: number): Promise<void> => {
  const until = performance.now() + withinMs
  while ((await connectionsOf(server)) > 0 && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))
