import jwt from '@fastify/jwt'
import fastify, { type FastifyInstance } from 'fastify'
import type { AccessGrant } from '../../../shared/control.ts'
import { errorCode } from '../../../shared/errors.ts'
import { TokenExpired, TokenInvalid } from '../../errors.ts'
import type { ServerIdentity } from './identity.ts'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sub: string; iat: number }
  }
}

/**
 * Access tokens: JWT, HS256, issued by this server's id to an account's id.
 *
 * The plugin lives on a Fastify instance that never listens: the key stays in this actor, and the gateway asks.
 */
export class AccessTokens {
  readonly #app: FastifyInstance
  readonly #lifeMs: number

  private constructor(app: FastifyInstance, lifeMs: number) {
    this.#app = app
    this.#lifeMs = lifeMs
  }

  static async create(identity: ServerIdentity, lifeMs: number): Promise<AccessTokens> {
    const app = fastify()
    await app.register(jwt, {
      secret: identity.tokenSecret,
      // The plugin counts in seconds.
      sign: { algorithm: 'HS256', iss: identity.id, expiresIn: lifeMs / 1000 },
      verify: { algorithms: ['HS256'], allowedIss: identity.id, requiredClaims: ['sub', 'exp'] },
    })
    await app.ready()
    return new AccessTokens(app, lifeMs)
  }

  issue(account: string): AccessGrant {
    // A JWT counts whole seconds: `iat` is given so that `expiresAt` is exactly what the token says.
    const iat = Math.floor(Date.now() / 1000)
    return {
      accessToken: this.#app.jwt.sign({ sub: account, iat }),
      expiresAt: iat * 1000 + this.#lifeMs,
    }
  }

  /** @returns the account's id @throws TokenExpired, TokenInvalid */
  verify(token: string): string {
    let sub: unknown
    try {
      sub = this.#app.jwt.verify<{ sub?: unknown }>(token).sub
    } catch (cause) {
      if (errorCode(cause) === 'FAST_JWT_EXPIRED') throw new TokenExpired({ cause })
      throw new TokenInvalid({ cause })
    }
    if (typeof sub !== 'string') throw new TokenInvalid()
    return sub
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}
