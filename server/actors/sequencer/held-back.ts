import type { Submission } from './submission.ts'

/** What may be held at once: by everybody together, and for one account that hands messages in. */
export interface HeldBackLimits {
  messages: number
  bytes: number
  messagesPerAccount: number
  bytesPerAccount: number
  /** How long one message may wait for those that it answers. */
  forMs: number
}

export const heldBackLimits: HeldBackLimits = {
  messages: 1_000,
  bytes: 8 * 2 ** 20,
  messagesPerAccount: 128,
  bytesPerAccount: 2 * 2 ** 20,
  forMs: 2_000,
}

/** A message that waits, and what it answers that is not in the log. */
interface Held {
  readonly submission: Submission
  readonly missing: Set<string>
}

/** What waits of one device in one channel, in the order in which its author said it: by Lamport time. */
type Line = Held[]

/** One that waited for too long, and the ids that it waited for. */
export interface Expired {
  submission: Submission
  missing: string[]
}

/**
 * Messages that came before those that they answer. Each waits in its device's line in its channel: what the device
 * said later waits behind it, so that its order stays, and nobody else waits with it. What it said earlier passes.
 */
export class HeldBack {
  readonly #limits: HeldBackLimits
  readonly #lines = new Map<string, Line>()
  /** Lines by what their first message waits for. */
  readonly #waitingFor = new Map<string, Set<string>>()
  readonly #held = { messages: 0, bytes: 0 }
  readonly #byAccount = new Map<string, { messages: number; bytes: number }>()

  constructor(limits: HeldBackLimits = heldBackLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#held.messages
  }

  /** A message that its device said earlier in the channel and that waits still, if there is one. */
  before(submission: Submission): string | undefined {
    const first = this.#lines.get(lineOf(submission))?.[0]?.submission.message
    return first && first.lamport < submission.message.lamport ? first.id : undefined
  }

  /**
   * Takes a message in.
   * @param missing what it answers and is not there; nothing where it waits only for its turn
   * @returns false where there is no room for it
   */
  hold(submission: Submission, missing: readonly string[], now: number): boolean {
    if (!this.#fits(submission)) return false
    this.#count(submission, 1)
    submission.heldUntil ??= now + this.#limits.forMs
    const key = lineOf(submission)
    const line = this.#lines.get(key) ?? []
    this.#lines.set(key, line)
    const { lamport } = submission.message
    const behind = line.findLastIndex((held) => held.submission.message.lamport <= lamport)
    line.splice(behind + 1, 0, { submission, missing: new Set(missing) })
    for (const id of missing) {
      const keys = this.#waitingFor.get(id)
      if (keys) keys.add(key)
      else this.#waitingFor.set(id, new Set([key]))
    }
    return true
  }

  /** A message got its place. @returns those whose turn it is now, line by line; they are held no more */
  arrived(id: string): Submission[] {
    const keys = this.#waitingFor.get(id)
    if (!keys) return []
    this.#waitingFor.delete(id)
    return [...keys].flatMap((key) => {
      const line = this.#lines.get(key) ?? []
      for (const { missing } of line) missing.delete(id)
      const waits = line.findIndex(({ missing }) => missing.size > 0)
      return this.#release(key, line, 0, waits < 0 ? line.length : waits)
    })
  }

  /** Those that have waited for too long, and what stands behind them. They are held no more. */
  expired(now: number): Expired[] {
    return [...this.#lines].flatMap(([key, line]) => {
      const from = line.findIndex(({ submission: { heldUntil = 0 } }) => heldUntil <= now)
      const first = line[from]
      if (!first) return []
      const { id } = first.submission.message
      const waitedFor = [...first.missing]
      const before = line[from - 1]
      if (waitedFor.length === 0 && before) waitedFor.push(before.submission.message.id)
      return this.#release(key, line, from, line.length).map((submission) => ({
        submission,
        // Those behind it are refused for its sake: taken now, they would be before it.
        missing: submission.message.id === id ? waitedFor : [id],
      }))
    })
  }

  #release(key: string, line: Line, from: number, to: number): Submission[] {
    const released = line.splice(from, to - from)
    if (line.length === 0) this.#lines.delete(key)
    for (const { submission, missing } of released) {
      this.#count(submission, -1)
      for (const id of missing) {
        if (line.some((held) => held.missing.has(id))) continue
        const keys = this.#waitingFor.get(id)
        keys?.delete(key)
        if (keys?.size === 0) this.#waitingFor.delete(id)
      }
    }
    return released.map(({ submission }) => submission)
  }

  #fits(submission: Submission): boolean {
    const account = this.#byAccount.get(accountOf(submission)) ?? { messages: 0, bytes: 0 }
    const bytes = submission.bytes.byteLength
    const { messages, messagesPerAccount, bytesPerAccount } = this.#limits
    return (
      this.#held.messages < messages &&
      this.#held.bytes + bytes <= this.#limits.bytes &&
      account.messages < messagesPerAccount &&
      account.bytes + bytes <= bytesPerAccount
    )
  }

  #count(submission: Submission, sign: 1 | -1): void {
    const name = accountOf(submission)
    const account = this.#byAccount.get(name) ?? { messages: 0, bytes: 0 }
    for (const sums of [this.#held, account]) {
      sums.messages += sign
      sums.bytes += sign * submission.bytes.byteLength
    }
    if (account.messages === 0) this.#byAccount.delete(name)
    else this.#byAccount.set(name, account)
  }
}

function lineOf({ message }: Submission): string {
  return `${message.key} ${message.channel}`
}

/** Who fills the room: whoever hands it in, or for what peers said its author. */
function accountOf({ submitter, message }: Submission): string {
  return submitter ?? message.author
}
