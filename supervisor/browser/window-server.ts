import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { bridgePath, bridgeRequests, type BridgeHostFrame } from '../../shared/bridge.ts'
import { contentSecurityPolicy } from '../../shared/content-security-policy.ts'
import { errorMessage } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import type { BridgeHost } from '../bridge-host.ts'
import { Tickets } from './tickets.ts'

const cookieName = 'united'
/** A window that does not read what it is told is dropped above this, bytes; it connects again and asks anew. */
const unreadLimit = 16 * 1024 * 1024

const closedPage = `<!doctype html><meta charset="utf-8"><title>UNITED</title>
<p>This address was used already, or it is not from this run of UNITED. Run "npm start" again to open the window.</p>`

/** Serves the window to this machine's browser and carries the bridge over a WebSocket. */
export interface WindowServer {
  /** An address that opens the window, once. */
  freshAddress(): string
  stop(): Promise<void>
}

export async function serveWindow(bridge: BridgeHost, folder: string): Promise<WindowServer> {
  const tickets = new Tickets()
  const server = Fastify({ logger: false, forceCloseConnections: true })
  let origin = ''

  const isAdmitted = (request: FastifyRequest) => tickets.admits(cookieOf(request))

  // Before the hook below: it cuts a socket whose upgrade was refused, which nobody else would.
  await server.register(fastifyWebsocket, { options: { maxPayload: limits.controlFrameBytes } })
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    // A page of another site can make a browser ask here under its own name; the name gives it away.
    if (`http://${request.headers.host}` !== origin) return reply.code(421).send('wrong host')
    const { ticket } = request.query as { ticket?: string }
    if (request.url.startsWith('/?') && ticket !== undefined) {
      const cookie = tickets.redeem(ticket)
      if (cookie === undefined) return reply.code(403).type('text/html').send(closedPage)
      return reply
        .header('set-cookie', `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`)
        .header('cache-control', 'no-store')
        .redirect('/')
    }
    if (!isAdmitted(request)) return reply.code(403).type('text/html').send(closedPage)
    // Whatever its path: there is one WebSocket here, and pages of other sites may not open it.
    if (request.headers.upgrade !== undefined && request.headers.origin !== origin)
      return reply.code(403).send('wrong origin')
    return undefined
  })
  await server.register(fastifyStatic, { root: folder, cacheControl: false, etag: true })
  server.get(bridgePath, { websocket: true }, (socket) => carry(bridge, socket))

  origin = new URL(await server.listen({ host: '127.0.0.1', port: 0 })).origin
  return {
    freshAddress: () => `${origin}/?ticket=${tickets.issue()}`,
    stop: () => server.close(),
  }
}

function carry(bridge: BridgeHost, socket: WebSocket): void {
  const send = (frame: BridgeHostFrame) => {
    if (socket.bufferedAmount > unreadLimit) socket.terminate()
    else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
  }
  const unsubscribe = bridge.subscribe((event, data) => send({ event, data }))
  socket.on('close', unsubscribe)
  socket.on('error', (error) => console.error(`window: ${error.message}`))
  socket.on('message', (data: Buffer) => {
    try {
      const { id, method, params } = bridgeRequests.check(JSON.parse(data.toString()))
      void bridge.invoke(method, params).then((answer) => send({ id, answer }))
    } catch (error) {
      socket.close(4400, errorMessage(error).slice(0, 120))
    }
  })
}

function cookieOf({ headers }: FastifyRequest): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=')
    if (name === cookieName) return value
  }
  return undefined
}
