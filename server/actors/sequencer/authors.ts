import type { ActorRef } from '../../../supervisor/runtime/actor-side.ts'
import type { auth } from '../auth/contract.ts'

/** Authors whose keys are kept in memory; a busy server has fewer at a time. */
const most = 10_000

/** Which keys sign for which account, as auth says. Keys are only ever added, so what is kept stays true. */
export class Authors {
  readonly #auth: ActorRef<typeof auth>
  readonly #keys = new Map<string, ReadonlySet<string>>()

  constructor(directory: ActorRef<typeof auth>) {
    this.#auth = directory
  }

  /** Whether it is known without asking that the key signs for the author. @param key base64 */
  isKnown(author: string, key: string): boolean {
    return this.#keys.get(author)?.has(key) ?? false
  }

  /** @param key base64 */
  async owns(author: string, key: string): Promise<boolean> {
    if (this.isKnown(author, key)) return true
    const [entry] = await this.#auth.call.lookup([author])
    if (!entry) return false
    if (this.#keys.size >= most) this.#keys.clear()
    const keys = new Set(entry.keys)
    this.#keys.set(author, keys)
    return keys.has(key)
  }
}
