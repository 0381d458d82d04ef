import { uuidv7 } from 'uuidv7'
import type { Account } from '../../../shared/account.ts'
import type { DirectoryEntry } from '../../../shared/control.ts'
import type { Store } from '../../store/store.ts'
import { KeyInUse, NameTaken } from '../../errors.ts'

/** An account with what is needed to check its secret. */
export interface StoredAccount extends Account {
  secret: string
}

/** Names are compared without regard to case, and to how an accented letter is composed. */
function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** Accounts and the device keys that sign for them. */
export class Accounts {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  byName(name: string): StoredAccount | undefined {
    return this.#store.read((database) =>
      database
        .prepare<[string], StoredAccount>('SELECT id, name, secret FROM accounts WHERE name_key = ?')
        .get(nameKey(name)),
    )
  }

  byId(id: string): Account | undefined {
    return this.#store.read((database) =>
      database.prepare<[string], Account>('SELECT id, name FROM accounts WHERE id = ?').get(id),
    )
  }

  ownerOf(key: string): string | undefined {
    return this.#store.read((database) =>
      database.prepare<[string], string>('SELECT account FROM device_keys WHERE key = ?').pluck().get(key),
    )
  }

  /** @throws NameTaken, KeyInUse */
  create(name: string, secretHash: string, key: string): Account {
    const account = { id: uuidv7(), name: name.normalize('NFC') }
    this.#store.write((database) => {
      if (this.byName(name)) throw new NameTaken(name)
      database
        .prepare<[string, string, string, string, number]>(
          'INSERT INTO accounts (id, name, name_key, secret, created_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(account.id, account.name, nameKey(name), secretHash, Date.now())
      this.#addKey(account.id, key)
    })
    return account
  }

  /** Does nothing when the key is there already. @throws KeyInUse */
  addKey(account: string, key: string): void {
    this.#store.write(() => this.#addKey(account, key))
  }

  directory(ids: readonly string[]): DirectoryEntry[] {
    return this.#store.read((database) => {
      const keys = database
        .prepare<[string], string>('SELECT key FROM device_keys WHERE account = ? ORDER BY added_at')
        .pluck()
      const entries: DirectoryEntry[] = []
      for (const id of new Set(ids)) {
        const account = this.byId(id)
        if (account) entries.push({ ...account, keys: keys.all(id) })
      }
      return entries
    })
  }

  #addKey(account: string, key: string): void {
    const owner = this.ownerOf(key)
    if (owner === account) return
    if (owner !== undefined) throw new KeyInUse()
    this.#store.read((database) =>
      database
        .prepare<[string, string, number]>(
          'INSERT INTO device_keys (key, account, added_at) VALUES (?, ?, ?)',
        )
        .run(key, account, Date.now()),
    )
  }
}
