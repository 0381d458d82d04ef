import type { Account } from '../../shared/account.ts'
import type { OnlinePeer } from '../../shared/control.ts'
import { eventFrame, type Connection } from './connection.ts'

/** An admitted connection. One account may have several. */
export interface Session {
  readonly connection: Connection<Session>
  readonly account: Account
  /** Ids of the channels that the account is a member of. */
  readonly joined: Set<string>
  /** The libp2p peer id that this client announced. */
  peer: string | undefined
  /** The peers that it was told of last, as text; undefined before the welcome, which has the first list. */
  toldPeers: string | undefined
}

/** Changes that come within this time go out as one list, ms: a whole group comes back at once after a restart. */
const settleMs = 25

/** Who is connected, and which of them know each other. */
export class Online {
  readonly #sessions = new Map<Connection<Session>, Session>()
  #settling: NodeJS.Timeout | undefined

  get sessions(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  add(session: Session): void {
    this.#sessions.set(session.connection, session)
  }

  remove(connection: Connection<Session>): void {
    const session = this.#sessions.get(connection)
    this.#sessions.delete(connection)
    if (session?.peer !== undefined) this.peersChanged()
  }

  announce(session: Session, peer: string): void {
    session.peer = peer
    this.peersChanged()
  }

  /** The account is a member of the channel from now on, on all of its connections. */
  join(account: string, channel: string): void {
    for (const session of this.sessions) {
      if (session.account.id === account) session.joined.add(channel)
    }
    this.peersChanged()
  }

  broadcast(text: string): void {
    for (const session of this.sessions) session.connection.sendEvent(() => text)
  }

  broadcastIn(channel: string, text: string): void {
    for (const session of this.sessions) {
      if (session.joined.has(channel)) session.connection.sendEvent(() => text)
    }
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
        const text = eventFrame('peers', this.peersOf(session))
        if (text === session.toldPeers) continue
        session.toldPeers = text
        session.connection.sendEvent(() => text)
      }
    }, settleMs)
  }

  close(): void {
    clearTimeout(this.#settling)
  }
}
