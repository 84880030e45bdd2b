import { Agent, get } from 'node:http'

/** One request of an open loop; `ms` counts from the time it was due, whenever it was really sent. */
export type Shot = { readonly turn: number; readonly status: number; readonly ms: number }

/** Open loop: so many requests a second for so long, evenly; resolves when all are answered. A broken connection is status 0. */
export const openLoad = async (
  perSecond: number,
  forMs: number,
  urlOf: (turn: number) => string,
  auth: string,
): Promise<readonly Shot[]> => {
  const agent = new Agent({ keepAlive: true })
  const shots: Promise<Shot>[] = []
  const began = performance.now()
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const passedMs = performance.now() - began
      const due = Math.floor((Math.min(passedMs, forMs) * perSecond) / 1000)
      while (shots.length < due)
        shots.push(shoot(agent, urlOf, auth, shots.length, began + (shots.length * 1000) / perSecond))
      if (passedMs < forMs) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
  const all = await Promise.all(shots)
  agent.destroy()
  return all
}

const shoot = (
  agent: Agent,
  urlOf: (turn: number) => string,
  auth: string,
  turn: number,
  dueMs: number,
): Promise<Shot> =>
  new Promise((resolve) => {
    const end = (status: number) => resolve({ turn, status, ms: performance.now() - dueMs })
    get(urlOf(turn), { agent, auth }, (response) => {
      response.resume().on('end', () => end(response.statusCode ?? 0))
    }).on('error', () => end(0))
  })
