import type { LogRange } from '../../shared/bridge.ts'
import { errorCode, errorMessage } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import {
  decodePeerAnswer,
  decodePeerQuestion,
  encodePeerAnswer,
  encodePeerQuestion,
  type PeerAnswer,
  type PeerAsk,
  type PeerQuestion,
} from '../../shared/peer-questions.ts'
import type { ActorRef } from '../../supervisor/runtime/actor-side.ts'
import type { p2pContract } from '../p2p/contract.ts'
import type { ChannelList } from './channel-list.ts'
import { firstDifference } from './first-difference.ts'
import type { HeldRanges } from './held-ranges.ts'
import { sameBytes } from './log-check.ts'
import type { MessageLog } from './message-log.ts'

/** Envelopes that one answer may hold, bytes: what a question may be answered with, less room for what surrounds them. */
const answerBytes = 900_000

export interface PeerLogsInit {
  p2p: ActorRef<typeof p2pContract>
  log: MessageLog
  held: HeldRanges
  channels: ChannelList
  /** Whether the server has introduced this peer as somebody who is in the channel too. */
  sharesChannel(peer: string, channel: string): boolean
}

/** How a peer's log compares with ours. */
export type PeerComparison =
  { result: 'agrees' | 'apart'; firstDifference: null } | { result: 'differs'; firstDifference: number }

/** The logs of peers: asks about theirs and answers about ours. */
export class PeerLogs {
  readonly #init: PeerLogsInit

  constructor(init: PeerLogsInit) {
    this.#init = init
  }

  /** @throws peer-unreachable, peer-silent, peer-refused, MalformedError */
  async compare(peer: string, channel: string): Promise<PeerComparison> {
    const { log, held } = this.#init
    const theirs = await this.#ask(peer, { ask: 'digests', channel, seqs: [] })
    const common = overlap(held.of(channel), theirs.held)
    const top = common.at(-1)
    if (!top) return { result: 'apart', firstDifference: null }
    const differ = async (seqs: readonly number[]) => {
      const { digests } = await this.#ask(peer, { ask: 'digests', channel, seqs: [...seqs] })
      const told = new Map(digests.map(({ seq, digest }) => [seq, digest]))
      return seqs.map((seq) => {
        const [there, here] = [told.get(seq), log.digestAt(channel, seq)]
        return !there || !here || !sameBytes(there, here)
      })
    }
    if (!(await differ([top.to])).includes(true)) return { result: 'agrees', firstDifference: null }
    const seq = await firstDifference(common, differ)
    return seq === undefined
      ? { result: 'agrees', firstDifference: null }
      : { result: 'differs', firstDifference: seq }
  }

  /** The page of a peer's log that ends right below `before`. @throws as `compare` */
  history(peer: string, channel: string, before: number): Promise<PeerAnswer<'history'>> {
    return this.#ask(peer, { ask: 'history', channel, before })
  }

  /** What a peer has heard after a place. @throws as `compare` */
  async news(peer: string, channel: string, after: number): Promise<Uint8Array[]> {
    return (await this.#ask(peer, { ask: 'news', channel, after })).envelopes
  }

  /** @returns null where the peer is refused: what it asks is malformed, or none of its business */
  answer(peer: string, bytes: Uint8Array): Uint8Array | null {
    try {
      const question = decodePeerQuestion(bytes)
      const { channels, sharesChannel } = this.#init
      if (!channels.isMember(question.channel) || !sharesChannel(peer, question.channel)) return null
      return this.#answerTo(question)
    } catch (error) {
      if (errorCode(error) === undefined) throw error
      console.error(`chat: a peer was refused: ${errorMessage(error)}`)
      return null
    }
  }

  async #ask<A extends PeerAsk>(peer: string, question: PeerQuestion & { ask: A }): Promise<PeerAnswer<A>> {
    const answer = await this.#init.p2p.call.ask({ peer, request: encodePeerQuestion(question) })
    return decodePeerAnswer(question.ask, answer)
  }

  #answerTo(question: PeerQuestion): Uint8Array {
    const { log, held } = this.#init
    const { channel } = question
    switch (question.ask) {
      case 'digests':
        return encodePeerAnswer('digests', {
          held: held.of(channel).slice(-1_000),
          digests: question.seqs.flatMap((seq) => {
            const digest = log.digestAt(channel, seq)
            return digest ? [{ seq, digest: new Uint8Array(digest) }] : []
          }),
        })
      case 'history':
        return encodePeerAnswer('history', this.#historyBelow(channel, question.before))
      case 'news':
        return encodePeerAnswer('news', {
          envelopes: fitting(log.news(channel, question.after, limits.historyPage), (envelope) => envelope),
        })
    }
  }

  #historyBelow(channel: string, before: number): PeerAnswer<'history'> {
    const { log, held } = this.#init
    const range = held.of(channel).find(({ from, to }) => from < before && before - 1 <= to)
    // The digest below the first message is part of the proof: without a message below it there is none.
    const after = range === undefined ? before - 1 : range.from === 1 ? 0 : range.from
    const newestFirst = log.entries(channel, after, before, limits.historyPage).toReversed()
    const messages = fitting(newestFirst, ({ envelope }) => envelope)
      .toReversed()
      .map(({ seq, envelope, digest, at }) => ({ seq, envelope, digest: new Uint8Array(digest), at }))
    const below = log.digestAt(channel, (messages[0]?.seq ?? before) - 1)
    return below ? { before: new Uint8Array(below), messages } : { before: new Uint8Array(32), messages: [] }
  }
}

/** The first of them, as many as fit into one answer. */
function fitting<T>(all: readonly T[], bytesOf: (one: T) => Uint8Array): T[] {
  let bytes = 0
  const first = all.findIndex((one) => (bytes += bytesOf(one).byteLength) > answerBytes)
  return first < 0 ? [...all] : all.slice(0, first)
}

/** The places that are in both. */
function overlap(ours: readonly LogRange[], theirs: readonly LogRange[]): LogRange[] {
  return ours.flatMap((a) =>
    theirs.flatMap((b) => {
      const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
      return both.from <= both.to ? [both] : []
    }),
  )
}
