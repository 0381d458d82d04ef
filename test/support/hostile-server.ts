import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ClientFrame, Welcome } from '../../shared/control.ts'

/** A server that lets everybody in and then does as a test says. */
export interface HostileServer {
  url: string
  /** How often it was connected to. */
  connections(): number
  /** Close codes with which it was left. */
  left: number[]
  stop(): Promise<void>
}

const id = '01890a5d-ac96-774b-bcce-b302099a8057'
export const anyWelcome: Welcome = {
  ...{ type: 'welcome', account: { id, name: 'alice' }, server: id },
  ...{ relays: [], channels: [], peers: [] },
}

/** @param misbehave is called with each socket after its hello, and with each request after */
export async function startHostileServer(
  misbehave: (socket: WebSocket, frame: ClientFrame) => void,
): Promise<HostileServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  let connections = 0
  const left: number[] = []
  server.on('connection', (socket) => {
    connections++
    socket.on('close', (code) => left.push(code))
    socket.on('message', (data: Buffer) => misbehave(socket, JSON.parse(data.toString()) as ClientFrame))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    left,
    stop() {
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A session that needs nothing of the server but its control socket. */
export const anySession = {
  refreshToken: Buffer.alloc(32).toString('base64'),
  access: { accessToken: 'any', expiresAt: Number.MAX_SAFE_INTEGER },
}
