import type { Connection, Stream } from '@libp2p/interface'
import { randomInt } from 'node:crypto'
import { AnswerTooLarge, PeerRefused } from '../errors.ts'
import { askDeadlineMs, framesOf, largestFrameBytes, questionsAtOnce } from './protocol.ts'

export interface Question {
  id: number
  peer: string
  request: Uint8Array
}

export interface QuestionsInit {
  /** Whether this peer may ask at all. */
  mayAsk(peer: string): boolean
  /** Passes a question on to whoever will call `answer`. */
  asked(question: Question): void
}

/** What peers ask of this node, from the first byte of the question to the last of the answer. */
export class Questions {
  readonly #init: QuestionsInit
  readonly #open = new Map<number, (answer: Uint8Array | null) => void>()
  /** How many streams each peer has open. */
  readonly #streams = new Map<string, number>()
  /** Ids differ from life to life: a late answer to an earlier life's question must not reach somebody else. */
  #nextId = randomInt(2 ** 47)

  constructor(init: QuestionsInit) {
    this.#init = init
  }

  /** @throws AnswerTooLarge */
  answer(id: number, answer: Uint8Array | null): void {
    const settle = this.#open.get(id)
    if (answer && answer.byteLength > largestFrameBytes) {
      settle?.(null)
      throw new AnswerTooLarge(answer.byteLength)
    }
    settle?.(answer)
  }

  /** Serves one stream of the protocol. */
  async serve(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    if (!this.#init.mayAsk(peer) || !this.#enter(peer)) return stream.abort(new PeerRefused(peer))
    try {
      const signal = AbortSignal.timeout(askDeadlineMs)
      const frames = framesOf(stream)
      const request = await frames.read({ signal })
      // A copy: it may be a small window on a large buffer, all of which would be cloned on its way to another actor.
      const answer = await this.#put(peer, Uint8Array.from(request.subarray()), stream, signal)
      if (answer === null) return stream.abort(new PeerRefused(peer))
      await frames.write(answer, { signal })
      await stream.close({ signal })
    } catch (cause) {
      // Too large, too slow or gone: whoever asked has no answer, and is told so by the end of the stream.
      stream.abort(new PeerRefused(peer, { cause }))
    } finally {
      this.#leave(peer)
    }
  }

  /** @returns null when it was refused, not answered in time, or nobody waits for the answer any more */
  async #put(
    peer: string,
    request: Uint8Array,
    stream: Stream,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    const id = this.#nextId++
    try {
      return await new Promise((resolve) => {
        this.#open.set(id, resolve)
        signal.addEventListener('abort', () => resolve(null), { once: true })
        stream.addEventListener('close', () => resolve(null), { once: true })
        this.#init.asked({ id, peer, request })
      })
    } finally {
      this.#open.delete(id)
    }
  }

  #enter(peer: string): boolean {
    const own = this.#streams.get(peer) ?? 0
    const all = [...this.#streams.values()].reduce((sum, count) => sum + count, 0)
    if (own >= questionsAtOnce.perPeer || all >= questionsAtOnce.ofAll) return false
    this.#streams.set(peer, own + 1)
    return true
  }

  #leave(peer: string): void {
    const left = (this.#streams.get(peer) ?? 0) - 1
    if (left > 0) this.#streams.set(peer, left)
    else this.#streams.delete(peer)
  }
}
