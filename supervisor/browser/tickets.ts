import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Secrets that open the window's page. Each ticket is good once; what it buys is a cookie for that browser. */
export class Tickets {
  readonly #unused = new Set<string>()
  readonly #cookies: string[] = []

  issue(): string {
    const ticket = secret()
    this.#unused.add(ticket)
    return ticket
  }

  /** @returns the cookie's value, or undefined for a ticket that is wrong or was used */
  redeem(ticket: string): string | undefined {
    if (!this.#unused.delete(ticket)) return undefined
    const cookie = secret()
    this.#cookies.push(cookie)
    return cookie
  }

  admits(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#cookies.some((known) => same(known, cookie))
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
