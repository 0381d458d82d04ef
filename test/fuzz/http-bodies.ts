import { createHttp } from '../../server/gateway/http.ts'
import type { auth } from '../../server/actors/auth/contract.ts'
import { UnitedError } from '../../shared/errors.ts'
import { httpRoutes } from '../../shared/control.ts'
import { FakeRef } from '../simulation/fake-ref.ts'
import { Unsound, requireSound } from './judge.ts'
import { jsonLike } from './mutations.ts'
import type { Target } from './target.ts'

const key = Buffer.alloc(32, 1).toString('base64')
const bodies = [
  [httpRoutes.register, { name: 'alice', secret: key, key }],
  [httpRoutes.login, { name: 'alice', secret: key, key }],
  [httpRoutes.refresh, { refreshToken: key }],
] as const

/** The account routes with everything that Fastify does before them, and nobody behind them. */
export async function httpBodies(): Promise<Target> {
  const seen = (body: unknown): Promise<never> => {
    requireSound(body)
    throw new UnitedError('wrong-password', 'It has come as far as this.')
  }
  const directory = new FakeRef<typeof auth>('auth', () => ({ register: seen, login: seen, refresh: seen }))
  const failures: unknown[] = []
  const app = await createHttp({
    ...{ server: '01890a5d-ac96-774b-bcce-b302099a8057', auth: directory.ref, onSocket: () => {} },
    ...{ authAttempts: Number.MAX_SAFE_INTEGER, report: (error: unknown) => void failures.push(error) },
  })
  return {
    name: 'HTTP bodies',
    share: 1,
    next(random) {
      const [url, body] = bodies[random.below(bodies.length)] ?? bodies[0]
      const payload = jsonLike(random, body)
      return async () => {
        const headers = { 'content-type': 'application/json' }
        const { statusCode, body: answer } = await app.inject({ method: 'POST', url, payload, headers })
        const { code } = JSON.parse(answer) as { code?: unknown }
        if (failures.length > 0 || typeof code !== 'string' || statusCode >= 500)
          throw new Unsound(`${statusCode} ${String(code)}`, { cause: failures[0] })
        return code === 'wrong-password'
      }
    },
    stop: () => app.close(),
  }
}
