import {
  AccessGrant,
  Health,
  LoginGrant,
  WireError,
  controlProtocol,
  httpRoutes,
} from '../../shared/control.ts'
import { checker, type Checker } from '../../shared/schema.ts'
import type { Credentials } from './contract.ts'
import { NotUnited, Offline, ProtocolMismatch, fromWire } from './errors.ts'

const healths = checker('the server’s greeting', Health)
const loginGrants = checker('the server’s answer', LoginGrant)
const accessGrants = checker('the server’s answer', AccessGrant)
const wireErrors = checker('the server’s refusal', WireError)

const timeoutMs = 10_000

/** The few things that go over plain HTTP: they happen before there is a control socket. */
export class AccountRequests {
  readonly #server: string

  constructor(server: string) {
    this.#server = server
  }

  /** @throws Offline, NotUnited, ProtocolMismatch */
  async health(): Promise<Health> {
    const greeting = await this.#ask('GET', httpRoutes.health, undefined)
    if (!healths.matches(greeting)) throw new NotUnited(this.#server)
    if (greeting.protocol !== controlProtocol) {
      throw new ProtocolMismatch(this.#server, greeting.protocol, controlProtocol)
    }
    return greeting
  }

  register(credentials: Credentials): Promise<LoginGrant> {
    return this.#post(httpRoutes.register, credentials, loginGrants)
  }

  login(credentials: Credentials): Promise<LoginGrant> {
    return this.#post(httpRoutes.login, credentials, loginGrants)
  }

  refresh(refreshToken: string): Promise<AccessGrant> {
    return this.#post(httpRoutes.refresh, { refreshToken }, accessGrants)
  }

  async #post<T>(path: string, body: object, answers: Checker<T>): Promise<T> {
    return answers.check(await this.#ask('POST', path, JSON.stringify(body)))
  }

  async #ask(method: string, path: string, body: string | undefined): Promise<unknown> {
    let response: Response
    try {
      response = await fetch(new URL(path, this.#server), {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      })
    } catch (cause) {
      throw new Offline(this.#server, { cause })
    }
    let answer: unknown
    try {
      answer = await response.json()
    } catch (cause) {
      throw new NotUnited(this.#server, { cause })
    }
    if (response.ok) return answer
    if (wireErrors.matches(answer)) throw fromWire(answer)
    throw new NotUnited(this.#server)
  }
}
