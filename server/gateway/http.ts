import rateLimit from '@fastify/rate-limit'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import {
  LoginBody,
  RefreshBody,
  RegisterBody,
  controlProtocol,
  httpRoutes,
  type Health,
} from '../../shared/control.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { checker } from '../../shared/schema.ts'
import type { ActorRef } from '../../supervisor/runtime/index.ts'
import type { auth } from '../actors/auth/contract.ts'
import { httpStatus, toWireError } from './wire-errors.ts'

export interface HttpInit {
  /** UUIDv7 of this server. */
  server: string
  auth: ActorRef<typeof auth>
  /** Requests to the account routes per minute and address. */
  authAttempts: number
  /** A client opened the control socket, over a TCP stream. */
  onSocket(socket: WebSocket, stream: Socket): void
  /** A failure that its client is not told about. */
  report(error: unknown): void
}

/** The largest body: names, secrets and keys are a few hundred bytes. */
const bodyBytes = 4096
/** How long a client may take to send its request, ms. */
const requestMs = 10_000

const registerBody = checker('the registration', RegisterBody)
const loginBody = checker('the sign-in', LoginBody)
const refreshBody = checker('the refresh request', RefreshBody)

class TooManyAttempts extends UnitedError {
  constructor(after: string) {
    super('too-many-attempts', `Too many attempts from this address. Wait ${after} and try again.`)
  }
}

class NotFound extends UnitedError {
  constructor() {
    super('not-found', 'This is a UNITED server, and it has nothing at this address. Check the address.')
  }
}

class TooLarge extends UnitedError {
  constructor() {
    super('too-large', `The request is larger than ${bodyBytes} bytes.`)
  }
}

/** What Fastify finds wrong with a request before a route sees it. */
function ownError(error: unknown): unknown {
  const code = errorCode(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new TooLarge()
  const badRequest = code?.startsWith('FST_ERR_CTP_') || error instanceof SyntaxError
  return badRequest ? new UnitedError('malformed', 'The request is malformed: it is not JSON.') : error
}

/** The HTTP side of the gateway: accounts over plain requests, everything else over the control socket. */
export async function createHttp(init: HttpInit): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: bodyBytes, requestTimeout: requestMs, forceCloseConnections: true })

  app.setErrorHandler(async (error, _request, reply) => {
    const wire = toWireError(ownError(error), init.report)
    await reply.code(httpStatus(wire.code)).send(wire)
  })
  app.setNotFoundHandler(() => {
    throw new NotFound()
  })

  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) => new TooManyAttempts(after),
  })
  await app.register(websocket, {
    options: { maxPayload: limits.controlFrameBytes },
    // The sockets belong to the gateway, which has said goodbye to each before the server closes.
    preClose: (done) => done(),
    // What a client does to its own socket is no failure of the server: ws has closed it with the fitting code.
    errorHandler: () => {},
  })

  const limited = {
    config: { rateLimit: { max: init.authAttempts, timeWindow: '1 minute', groupId: 'accounts' } },
  }
  const health: Health = { name: 'united', protocol: controlProtocol, server: init.server }

  app.get(httpRoutes.health, async () => health)
  app.post(httpRoutes.register, limited, async ({ body }) =>
    init.auth.call.register(registerBody.check(body)),
  )
  app.post(httpRoutes.login, limited, async ({ body }) => init.auth.call.login(loginBody.check(body)))
  app.post(httpRoutes.refresh, limited, async ({ body }) =>
    init.auth.call.refresh(refreshBody.check(body).refreshToken),
  )
  app.get(httpRoutes.control, { websocket: true }, (socket, { socket: stream }) =>
    init.onSocket(socket, stream),
  )
  return app
}
