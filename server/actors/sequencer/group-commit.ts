import type { Sequenced } from '../../../shared/control.ts'
import { MissingDependencies } from '../../errors.ts'
import type { ChannelLog, LogWriter } from './channel-log.ts'
import type { Place } from './contract.ts'
import type { HeldBack } from './held-back.ts'
import type { Submission } from './submission.ts'

/** How often it is looked whether something was held for too long, ms. */
const sweepMs = 100
/** Base64 that one event may hold, so that it fits a control frame with what surrounds it. */
const eventChars = 700_000

/** Writes what is ready in one transaction, for which the disk is waited for once, and then tells everybody. */
export class GroupCommit {
  readonly #log: ChannelLog
  readonly #held: HeldBack
  readonly #tell: (messages: Sequenced[]) => void
  #sweep: NodeJS.Timeout | undefined

  /** @param tell is given messages of one channel, ascending by seq */
  constructor(log: ChannelLog, held: HeldBack, tell: (messages: Sequenced[]) => void) {
    this.#log = log
    this.#held = held
    this.#tell = tell
  }

  /** Settles each of `group`, in order, but for those that it holds back for a while. One that fails fails alone. */
  commit(group: readonly Submission[]): void {
    // Grows while it is gone through: by those that waited for one in it.
    const line = [...group]
    const settled: (() => void)[] = []
    const told = new Map<string, Sequenced[]>()
    const heldNow = new Set<Submission>()
    try {
      this.#log.write((writer) => {
        for (const submission of line) {
          const outcome = this.#place(submission, writer)
          if (outcome === 'held') heldNow.add(submission)
          else if (outcome instanceof Error) settled.push(() => submission.reject(outcome))
          else {
            settled.push(() => submission.resolve(outcome))
            if (outcome.repeated) continue
            const { channel, seq, digest, at } = outcome
            const envelope = submission.bytes.toString('base64')
            const messages = told.get(channel)
            if (messages) messages.push({ channel, seq, envelope, digest, at })
            else told.set(channel, [{ channel, seq, envelope, digest, at }])
            line.push(...this.#held.arrived(outcome.id))
          }
        }
      })
    } catch (error) {
      for (const submission of line) if (!heldNow.has(submission)) submission.reject(error)
      return
    } finally {
      this.#watchHeld()
    }
    // Nothing is awaited since the commit: replies and events leave in the order of seq.
    for (const settle of settled) settle()
    for (const messages of told.values()) for (const event of inEvents(messages)) this.#tell(event)
  }

  stop(): void {
    clearInterval(this.#sweep)
  }

  #place(submission: Submission, writer: LogWriter): Place | Error | 'held' {
    const { message, bytes } = submission
    const before = this.#held.before(submission)
    const outcome = writer.append(message, bytes, before !== undefined)
    if (!('missing' in outcome)) return outcome
    const { missing } = outcome
    const held = this.#held.hold(submission, missing, performance.now())
    return held ? 'held' : new MissingDependencies(before === undefined ? missing : [before])
  }

  #watchHeld(): void {
    if (this.#held.size === 0) return
    this.#sweep ??= setInterval(() => {
      for (const { submission, missing } of this.#held.expired(performance.now()))
        submission.reject(new MissingDependencies(missing))
      if (this.#held.size > 0) return
      clearInterval(this.#sweep)
      this.#sweep = undefined
    }, sweepMs)
  }
}

/** One event is one control frame, which has a limit. */
function* inEvents(messages: readonly Sequenced[]): Iterable<Sequenced[]> {
  let event: Sequenced[] = []
  let chars = 0
  for (const message of messages) {
    chars += message.envelope.length
    if (chars > eventChars && event.length > 0) {
      yield event
      event = []
      chars = message.envelope.length
    }
    event.push(message)
  }
  if (event.length > 0) yield event
}
