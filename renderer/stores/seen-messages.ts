import type { MessageView } from '../../shared/bridge.ts'

/** Ids that are remembered as told; to tell the host again does no harm. */
const remembered = 4_000

/** Keeps account of what the host was told to have been seen. */
export class SeenMessages {
  readonly #told = new Set<string>()
  /** The highest place told, by channel. */
  readonly #read = new Map<string, number>()

  /** Which of these were not told yet; from now on they are. */
  firstSeen(messages: readonly MessageView[]): string[] {
    const ids = messages.map(({ id }) => id).filter((id) => !this.#told.has(id))
    if (this.#told.size + ids.length > remembered) this.#told.clear()
    for (const id of ids) this.#told.add(id)
    return ids
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#told.delete(id)
  }

  /** Up to where to move the channel's marker; undefined where it is there, or will be. */
  readUpTo(messages: readonly MessageView[], channel: { id: string; read: number }): number | undefined {
    const known = Math.max(channel.read, this.#read.get(channel.id) ?? 0)
    const highest = messages.reduce(
      (most, { channel: of, seq }) => (of === channel.id && seq !== null && seq > most ? seq : most),
      0,
    )
    if (highest <= known) return undefined
    this.#read.set(channel.id, highest)
    return highest
  }

  /** The host was not told after all. */
  unread(channel: string): void {
    this.#read.delete(channel)
  }
}
