import type { ServerResponse } from 'node:http'

/** Sends the status to viewers as server-sent events; without viewers nothing is read. */
export type StatusStream = {
  /** `false`: too many viewers already; the response is unchanged. */
  readonly add: (response: ServerResponse) => boolean
  readonly close: () => void
}

const EVERY_MS = 1_000
const MOST_VIEWERS = 32
/** A viewer that does not read is disconnected at this many unsent bytes. */
const MOST_UNSENT = 1024 * 1024

export const statusStream = (read: () => Promise<unknown>, onError: (error: unknown) => void): StatusStream => {
  const viewers = new Set<ServerResponse>()
  let timer: NodeJS.Timeout | null = null
  let reading = false

  const tell = async (): Promise<void> => {
    if (reading) return
    reading = true
    try {
      const text = `data: ${JSON.stringify(await read())}\n\n`
      for (const viewer of viewers) {
        if (viewer.writableLength > MOST_UNSENT) viewer.destroy()
        else viewer.write(text)
      }
    } catch (error) {
      onError(error)
    } finally {
      reading = false
    }
  }

  return {
    add: (response) => {
      if (viewers.size >= MOST_VIEWERS) return false
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      response.write('retry: 2000\n\n')
      viewers.add(response)
      response.on('close', () => {
        viewers.delete(response)
        if (viewers.size === 0 && timer) {
          clearInterval(timer)
          timer = null
        }
      })
      timer ??= setInterval(() => void tell(), EVERY_MS)
      void tell()
      return true
    },
    close: () => {
      if (timer) clearInterval(timer)
      for (const viewer of viewers) viewer.end()
    },
  }
}
