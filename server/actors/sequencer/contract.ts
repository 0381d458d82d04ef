import type { Channel } from '../../../shared/channel.ts'
import type { ControlParams, ControlResult, Sequenced } from '../../../shared/control.ts'
import { defineContract } from '../../../supervisor/runtime/actor-side.ts'

export interface NewChannel {
  /** UUIDv7 made by the caller, so that a call sent again is the same channel. */
  id: string
  name: string
  topic: string
  /** The account that creates it, and its first member. */
  account: string
}

export interface HistoryQuery {
  channel: string
  /** The account that asks. */
  account: string
  /** Only messages with a seq above this, */
  after: number
  /** and below this. */
  before?: number | undefined
  /** The last of them instead of the first. */
  newest?: boolean | undefined
  limit: number
}

/** Where a message is, after `submit`. */
export interface Place {
  channel: string
  id: string
  seq: number
  /** Base64 of the log's digest at `seq`. */
  digest: string
  /** When it got its place, ms since the epoch. */
  at: number
  /** Whether it was there before this call. */
  repeated: boolean
}

export interface Head {
  channel: string
  /** The highest seq given in the channel; 0 for an empty one. */
  head: number
}

/** Channels, who is in them, and the one order of what was said. Sole owner of `sequencer.db`. */
export interface SequencerApi {
  /** Every channel, with `member` as it is for this account. */
  channels(account: string): Promise<Channel[]>
  /** Where every channel ends. */
  heads(): Promise<Head[]>
  /** Idempotent by id. @throws ChannelExists, with the other channel's id in `details.channel`; DiskFull */
  create(channel: NewChannel): Promise<Channel>
  /** Does nothing for a member. @throws UnknownChannel, DiskFull */
  join(channel: string, account: string): Promise<Channel>
  /**
   * Gives a message its place: the next seq of its channel, from 1 without gaps, on disk before this answers.
   * Idempotent by the message's id: the same bytes again answer the same seq. What one submitter hands in is taken in
   * that order. A message that came before those that it answers waits for them for 2 s, where there is room for it;
   * later ones of its device in the channel wait behind it, and nobody else does.
   * @param envelope the canonical bytes of a signed envelope
   * @param submitter the account that hands it in, who need not be its author; null when it was heard from peers
   * @throws MalformedError, UnknownChannel, NotAMember (author or submitter), UnknownKey, BadSignature, IdConflict,
   *   MissingDependencies (`details.ids`), LamportOutOfRange, DiskFull
   */
  submit(envelope: Uint8Array, submitter: string | null): Promise<Place>
  /**
   * A page of a channel's log, ascending, cut to fit one control frame; never empty while there is more.
   * @throws UnknownChannel, NotAMember
   */
  history(query: HistoryQuery): Promise<ControlResult<'message.history'>>
  /** @throws UnknownChannel, NotAMember */
  digests(params: ControlParams<'log.digests'>, account: string): Promise<ControlResult<'log.digests'>>
  /** @throws UnknownChannel, NotAMember */
  at(params: ControlParams<'log.at'>, account: string): Promise<ControlResult<'log.at'>>
}

export interface SequencerEvents {
  /**
   * Messages of one channel have their places and are on disk: one event for a channel and commit, cut to fit a control
   * frame. All of them in the order of seq, each once: who may have missed one looks at `heads`.
   */
  sequenced: Sequenced[]
}

export interface SequencerInit {
  /** Path of the database. */
  path: string
}

export const sequencer = defineContract<SequencerApi, SequencerEvents, SequencerInit>({
  name: 'sequencer',
  idempotent: ['channels', 'heads', 'create', 'join', 'submit', 'history', 'digests', 'at'],
  // A full mailbox makes its callers wait: refused ones would come back after those that were sent later.
  mailbox: { messages: 8192, whenFull: 'wait' },
})
