import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An open connection, and everything that has come over it. */
export type RawConnection = { readonly socket: Socket; readonly text: () => string }

const open = new Set<Socket>()

/** Another local address plays another client machine. */
export const openRaw = async (port: number, localAddress = '127.0.0.1'): Promise<RawConnection> => {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  open.add(socket)
  let text = ''
  socket.setEncoding('utf8').setNoDelay(true)
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => {})
  socket.once('close', () => open.delete(socket))
  await once(socket, 'connect')
  return { socket, text: () => text }
}

export const closeAll = (): void => {
  for (const socket of open) socket.destroy()
}
