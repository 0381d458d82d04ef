import { createHash, randomBytes } from 'node:crypto'
import type { Store } from '../../store/store.ts'
import { SessionExpired } from '../../errors.ts'

function hashOf(token: string): Buffer {
  return createHash('sha256').update(Buffer.from(token, 'base64')).digest()
}

/** Refresh tokens: random, kept as a hash, good until they expire. */
export class Sessions {
  readonly #store: Store
  readonly #lifeMs: number

  constructor(store: Store, lifeMs: number) {
    this.#store = store
    this.#lifeMs = lifeMs
  }

  /** @returns the refresh token, 32 bytes in base64 */
  open(account: string): string {
    const token = randomBytes(32).toString('base64')
    const now = Date.now()
    this.#store.write((database) => {
      database.prepare<[number]>('DELETE FROM sessions WHERE expires_at <= ?').run(now)
      database
        .prepare<[Buffer, string, number]>(
          'INSERT INTO sessions (token_hash, account, expires_at) VALUES (?, ?, ?)',
        )
        .run(hashOf(token), account, now + this.#lifeMs)
    })
    return token
  }

  /** @returns the account's id @throws SessionExpired */
  accountOf(token: string): string {
    const account = this.#store.read((database) =>
      database
        .prepare<[Buffer, number], string>(
          'SELECT account FROM sessions WHERE token_hash = ? AND expires_at > ?',
        )
        .pluck()
        .get(hashOf(token), Date.now()),
    )
    if (account === undefined) throw new SessionExpired()
    return account
  }
}
