import type { KeyChange } from '../../shared/bridge.ts'
import type { DirectoryEntry } from '../../shared/control.ts'
import type { Database } from '../../shared/store/database.ts'

export interface DirectoryInit {
  lookup(accounts: string[]): Promise<DirectoryEntry[]>
  /** The list of keys that nobody has accepted has changed. */
  changed(): void
}

/** Accounts in one request. */
const atOnce = 100

/**
 * Who is who: names and device keys of accounts, kept here and asked of the server when one is missing. The keys that
 * somebody has when this device first meets them are taken on trust; one that comes later is used, since people get new
 * devices, but stands out until somebody has accepted it.
 */
export class Directory {
  readonly #init: DirectoryInit
  readonly #database: Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database, init: DirectoryInit) {
    this.#init = init
    this.#database = database
    this.#statements = prepare(database)
  }

  /** Whether `key` may sign for `account`. @throws offline when only the server could say */
  async vouches(account: string, key: Uint8Array): Promise<boolean> {
    if (this.#hasKey(account, key)) return true
    await this.#learn([account])
    return this.#hasKey(account, key)
  }

  /** Looks up, in as few requests as possible, every account of which a key is not known yet. */
  async prepare(authors: readonly { author: string; key: Uint8Array }[]): Promise<void> {
    const missing = new Set(
      authors.filter(({ author, key }) => !this.#hasKey(author, key)).map(({ author }) => author),
    )
    if (missing.size > 0) await this.#learn([...missing].slice(0, atOnce))
  }

  /** Looks up whoever is not known at all: without the server nobody could say whose a key is. @throws offline */
  async introduce(accounts: readonly string[]): Promise<void> {
    const strangers = new Set(
      accounts.filter((account) => this.#statements.anyKey.get(account) === undefined),
    )
    for (let left = [...strangers]; left.length > 0; left = left.slice(atOnce))
      await this.#learn(left.slice(0, atOnce))
  }

  /** The account that is signed in here, and this device's own key. */
  keepOwn(account: { id: string; name: string }, key: Uint8Array): void {
    this.#database.transaction(() => {
      this.#statements.keepAccount.run(account.id, account.name)
      this.#statements.keepKey.run(account.id, Buffer.from(key), Date.now(), 1)
      this.#statements.accept.run(account.id, Buffer.from(key))
    })()
  }

  /** Keys that nobody has accepted, oldest first. */
  changes(): KeyChange[] {
    return this.#statements.changes
      .all()
      .map(({ id, name, key, since }) => ({ account: { id, name }, key: key.toString('base64'), since }))
  }

  /** @param key base64 */
  accept(account: string, key: string): void {
    const { changes } = this.#statements.accept.run(account, Buffer.from(key, 'base64'))
    if (changes > 0) this.#init.changed()
  }

  async #learn(accounts: string[]): Promise<void> {
    const entries = await this.#init.lookup(accounts)
    const changed = this.#database.transaction(() => entries.filter((entry) => this.#keep(entry)))()
    if (changed.length > 0) this.#init.changed()
  }

  /** @returns whether there is a key that stands out now */
  #keep({ id, name, keys }: DirectoryEntry): boolean {
    const first = this.#statements.anyKey.get(id) === undefined
    this.#statements.keepAccount.run(id, name)
    const added = keys.filter(
      (key) =>
        this.#statements.keepKey.run(id, Buffer.from(key, 'base64'), Date.now(), first ? 1 : 0).changes > 0,
    )
    return !first && added.length > 0
  }

  #hasKey(account: string, key: Uint8Array): boolean {
    return this.#statements.hasKey.get(account, Buffer.from(key)) !== undefined
  }
}

function prepare(database: Database) {
  return {
    keepAccount: database.prepare<[string, string]>(
      `INSERT INTO accounts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
    ),
    anyKey: database.prepare<[string]>(`SELECT 1 FROM account_keys WHERE account = ? LIMIT 1`),
    keepKey: database.prepare<[string, Buffer, number, number]>(
      `INSERT OR IGNORE INTO account_keys (account, key, since, accepted) VALUES (?, ?, ?, ?)`,
    ),
    hasKey: database.prepare<[string, Buffer]>(`SELECT 1 FROM account_keys WHERE account = ? AND key = ?`),
    changes: database.prepare<[], { id: string; name: string; key: Buffer; since: number }>(
      `SELECT a.id, a.name, k.key, k.since FROM account_keys k JOIN accounts a ON a.id = k.account
       WHERE k.accepted = 0 ORDER BY k.since, a.id`,
    ),
    accept: database.prepare<[string, Buffer]>(
      `UPDATE account_keys SET accepted = 1 WHERE account = ? AND key = ? AND accepted = 0`,
    ),
  }
}
