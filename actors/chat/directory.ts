import type { DirectoryEntry } from '../../shared/control.ts'
import type { Database } from '../../shared/store/database.ts'

/** Who is who: names and device keys of accounts, kept here and asked of the server when one is missing. */
export class Directory {
  readonly #lookup: (accounts: string[]) => Promise<DirectoryEntry[]>
  readonly #keep: (entries: readonly DirectoryEntry[]) => void
  readonly #hasKey: (account: string, key: Uint8Array) => boolean

  constructor(database: Database, lookup: (accounts: string[]) => Promise<DirectoryEntry[]>) {
    this.#lookup = lookup
    const keepAccount = database.prepare<[string, string]>(
      `INSERT INTO accounts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
    )
    const keepKey = database.prepare<[string, Buffer]>(`INSERT OR IGNORE INTO account_keys VALUES (?, ?)`)
    this.#keep = database.transaction((entries: readonly DirectoryEntry[]) => {
      for (const { id, name, keys } of entries) {
        keepAccount.run(id, name)
        for (const key of keys) keepKey.run(id, Buffer.from(key, 'base64'))
      }
    })
    const hasKey = database.prepare<[string, Buffer]>(
      `SELECT 1 FROM account_keys WHERE account = ? AND key = ?`,
    )
    this.#hasKey = (account, key) => hasKey.get(account, Buffer.from(key)) !== undefined
  }

  /** Whether `key` may sign for `account`. @throws offline when only the server could say */
  async vouches(account: string, key: Uint8Array): Promise<boolean> {
    if (this.#hasKey(account, key)) return true
    await this.learn([account])
    return this.#hasKey(account, key)
  }

  async learn(accounts: string[]): Promise<void> {
    this.#keep(await this.#lookup(accounts))
  }

  keep(entries: readonly DirectoryEntry[]): void {
    this.#keep(entries)
  }

  /** Looks up, in one request, every account of which a key is not known yet. */
  async prepare(authors: readonly { author: string; key: Uint8Array }[]): Promise<void> {
    const missing = new Set(
      authors.filter(({ author, key }) => !this.#hasKey(author, key)).map(({ author }) => author),
    )
    if (missing.size > 0) await this.learn([...missing].slice(0, 100))
  }
}
