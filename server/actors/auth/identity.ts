import { randomBytes } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import type { Store } from '../../store/store.ts'

/** What the server is known by, made once and kept. */
export interface ServerIdentity {
  /** UUIDv7. */
  id: string
  /** 32 bytes: signs access tokens. */
  tokenSecret: Buffer
}

export function loadIdentity(store: Store): ServerIdentity {
  return store.write((database) => {
    const select = database.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
    const insert = database.prepare<[string, string]>('INSERT INTO meta (name, value) VALUES (?, ?)')
    const keep = (name: string, make: () => string): string => {
      const kept = select.get(name)
      if (kept !== undefined) return kept
      const made = make()
      insert.run(name, made)
      return made
    }
    return {
      id: keep('server-id', uuidv7),
      tokenSecret: Buffer.from(
        keep('token-secret', () => randomBytes(32).toString('base64')),
        'base64',
      ),
    }
  })
}
