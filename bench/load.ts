import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'

/** CPU time of a process so far, microseconds, as the system counts it (Linux, 100 ticks a second). */
export const cpuMicros = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export type Slice = {
  readonly requests: number
  readonly ms: readonly number[]
  readonly cpuMicros: number
  /** Of the requests, those that were not answered with 200. */
  readonly others: number
}

/** Closed loop: so many connections, each asking again as soon as it is answered, for a while. */
export const slice = async (
  pid: number,
  urlOf: (turn: number) => string,
  auth: string,
  connections: number,
  forMs: number,
): Promise<Slice> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const ms: number[] = []
  const before = cpuMicros(pid)
  const until = performance.now() + forMs
  let [turn, others] = [0, 0]
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now()
      if ((await ask(agent, urlOf(turn++), auth)) !== 200) others += 1
      ms.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return { requests: ms.length, ms, cpuMicros: cpuMicros(pid) - before, others }
}

const ask = (agent: Agent, url: string, auth: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent, auth }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject)
  })

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
