import type { Account } from '../../shared/account.ts'
import type { OnlinePeer } from '../../shared/control.ts'
import type { Allowance } from './allowances.ts'
import type { Connection } from './connection.ts'
import { eventFrame } from './frames.ts'

/** An admitted connection. One account may have several. */
export interface Session {
  readonly connection: Connection<Session>
  readonly account: Account
  readonly allowance: Allowance
  /** Ids of the channels that the account is a member of. */
  readonly joined: Set<string>
  /** The libp2p peer id that this client announced. */
  peer: string | undefined
  /** The list of peers that it was told last, as a frame; undefined before the welcome, which has the first list. */
  toldPeers: Buffer | undefined
}

/** Changes that come within this time go out as one list, ms: a whole group comes back at once after a restart. */
const settleMs = 25

/** Who is connected, and which of them know each other. */
export class Online {
  readonly #sessions = new Map<Connection<Session>, Session>()
  readonly #byChannel = new Map<string, Set<Session>>()
  #settling: NodeJS.Timeout | undefined

  get sessions(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  add(session: Session): void {
    this.#sessions.set(session.connection, session)
  }

  /** @returns the session that it had, if it was let in */
  remove(connection: Connection<Session>): Session | undefined {
    const session = this.#sessions.get(connection)
    this.#sessions.delete(connection)
    for (const channel of session?.joined ?? []) {
      const members = this.#byChannel.get(channel)
      if (session) members?.delete(session)
      if (members?.size === 0) this.#byChannel.delete(channel)
    }
    if (session?.peer !== undefined) this.peersChanged()
    return session
  }

  announce(session: Session, peer: string): void {
    session.peer = peer
    this.peersChanged()
  }

  /** This session is told of the channel from now on. */
  follow(session: Session, channel: string): void {
    session.joined.add(channel)
    // One that has left meanwhile is told nothing.
    if (this.#sessions.get(session.connection) !== session) return
    const members = this.#byChannel.get(channel)
    if (members) members.add(session)
    else this.#byChannel.set(channel, new Set([session]))
  }

  /** The account is a member of the channel from now on, on all of its connections. */
  join(account: string, channel: string): void {
    for (const session of this.sessions) if (session.account.id === account) this.follow(session, channel)
    this.peersChanged()
  }

  in(channel: string): Iterable<Session> {
    return this.#byChannel.get(channel) ?? []
  }

  /** Everyone else with a peer id who shares a channel with this session. */
  peersOf(session: Session): OnlinePeer[] {
    const peers = new Map<string, OnlinePeer>()
    for (const other of this.sessions) {
      if (other === session || other.peer === undefined || other.peer === session.peer) continue
      const channels = [...session.joined.intersection(other.joined)]
      if (channels.length === 0) continue
      const { account, peer } = other
      peers.set(peer, { account: account.id, name: account.name, peer, channels })
    }
    return [...peers.values()]
  }

  /** Tells everyone whose list is not what it was. */
  peersChanged(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined
      for (const session of this.sessions) {
        if (session.toldPeers === undefined) continue
        const frame = eventFrame('peers', this.peersOf(session))
        if (frame.equals(session.toldPeers)) continue
        session.toldPeers = frame
        session.connection.tell('peers', () => frame)
      }
    }, settleMs)
  }

  close(): void {
    clearTimeout(this.#settling)
  }
}
