import type { Channel } from '../../../shared/channel.ts'
import { ChannelExists, NotAMember, UnknownChannel } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { Head, NewChannel } from './contract.ts'

interface ChannelRow extends Omit<Channel, 'member'> {
  member: 0 | 1
}

const selectChannels = `
  SELECT id, name, topic, created_by AS createdBy, head,
    (SELECT count(*) FROM members WHERE channel = channels.id) AS members,
    EXISTS (SELECT 1 FROM members WHERE channel = channels.id AND account = ?) AS member
  FROM channels`

function fromRow({ member, ...row }: ChannelRow): Channel {
  return { ...row, member: member === 1 }
}

/** Memberships that are remembered; a busy server has fewer at a time. */
const mostRemembered = 100_000

/** Which channels there are and who is in them. */
export class Channels {
  readonly #store: Store
  /** Memberships that were looked up. They are only ever added, by this actor alone, so what is kept stays true. */
  readonly #remembered = new Set<string>()
  readonly #statements

  constructor(store: Store) {
    this.#store = store
    this.#statements = store.read((database) => ({
      all: database.prepare<[string], ChannelRow>(`${selectChannels} ORDER BY id`),
      one: database.prepare<[string, string], ChannelRow>(`${selectChannels} WHERE id = ?`),
      idByName: database.prepare<[string], string>('SELECT id FROM channels WHERE name = ?').pluck(),
      exists: database.prepare<[string], 1>('SELECT 1 FROM channels WHERE id = ?').pluck(),
      member: database
        .prepare<[string, string], 1>('SELECT 1 FROM members WHERE channel = ? AND account = ?')
        .pluck(),
      heads: database.prepare<[], Head>('SELECT id AS channel, head FROM channels'),
      insert: database.prepare<[string, string, string, string, number]>(
        'INSERT INTO channels (id, name, topic, created_by, created_at) VALUES (?, ?, ?, ?, ?)',
      ),
      join: database.prepare<[string, string, number]>(
        'INSERT OR IGNORE INTO members (channel, account, joined_at) VALUES (?, ?, ?)',
      ),
    }))
  }

  all(account: string): Channel[] {
    return this.#store.read(() => this.#statements.all.all(account).map(fromRow))
  }

  heads(): Head[] {
    return this.#store.read(() => this.#statements.heads.all())
  }

  /** @throws ChannelExists when another channel has the name */
  create({ id, name, topic, account }: NewChannel): Channel {
    return this.#store.write(() => {
      const there = this.#statements.idByName.get(name)
      if (there !== undefined && there !== id) throw new ChannelExists(name, there)
      if (there === undefined) this.#statements.insert.run(id, name, topic, account, Date.now())
      return this.#join(id, account)
    })
  }

  /** @throws UnknownChannel */
  join(channel: string, account: string): Channel {
    return this.#store.write(() => this.#join(channel, account))
  }

  /** @throws UnknownChannel, NotAMember */
  requireMember(channel: string, account: string): void {
    const membership = `${channel} ${account}`
    if (this.#remembered.has(membership)) return
    this.#store.read(() => {
      if (!this.#statements.exists.get(channel)) throw new UnknownChannel(channel)
      if (!this.#statements.member.get(channel, account)) throw new NotAMember(channel, account)
    })
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    this.#remembered.add(membership)
  }

  #join(channel: string, account: string): Channel {
    if (!this.#statements.exists.get(channel)) throw new UnknownChannel(channel)
    this.#statements.join.run(channel, account, Date.now())
    const row = this.#statements.one.get(account, channel)
    if (!row) throw new UnknownChannel(channel)
    return fromRow(row)
  }
}
