import { Directory } from '../../actors/chat/directory.ts'
import { HeldRanges } from '../../actors/chat/held-ranges.ts'
import { Inbox } from '../../actors/chat/inbox.ts'
import { migrations as chatMigrations } from '../../actors/chat/layout.ts'
import { MessageLog } from '../../actors/chat/message-log.ts'
import type { cryptoContract } from '../../actors/crypto/contract.ts'
import { openDatabase } from '../../shared/store/database.ts'
import type { auth } from '../../server/actors/auth/contract.ts'
import { Authors } from '../../server/actors/sequencer/authors.ts'
import { ChannelLog } from '../../server/actors/sequencer/channel-log.ts'
import { Channels } from '../../server/actors/sequencer/channels.ts'
import { GroupCommit } from '../../server/actors/sequencer/group-commit.ts'
import { HeldBack, heldBackLimits } from '../../server/actors/sequencer/held-back.ts'
import { Intake } from '../../server/actors/sequencer/intake.ts'
import { migrations as serverMigrations } from '../../server/actors/sequencer/migrations.ts'
import { ProofPool } from '../../server/actors/sequencer/proof-pool.ts'
import { Store } from '../../server/store/store.ts'
import { FakeRef } from '../simulation/fake-ref.ts'

/** What a reader knows before it is given an envelope. */
export interface Known {
  channel: string
  author: string
  /** Base64, the author's one key. */
  key: string
}

export interface Reader {
  /** Rejects with the reason where it does not take it. */
  take(envelope: Uint8Array): Promise<unknown>
  close(): void
}

/** A client that hears an envelope from a peer. */
export function clientOf({ channel, author, key }: Known): Reader {
  const database = openDatabase({ path: ':memory:', migrations: chatMigrations })
  const log = new MessageLog(database, { id: channel, name: 'reader' }, new HeldRanges(database))
  const lookup = async () => [{ id: author, name: 'author', keys: [key] }]
  const directory = new Directory(database, { lookup, changed: () => {} })
  const crypto = new FakeRef<typeof cryptoContract>('crypto', () => ({}))
  const inbox = new Inbox({ log, directory, crypto: crypto.ref })
  database
    .prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head) VALUES (?, 'a', '', ?, 1, 1, 0)`,
    )
    .run(channel, author)
  return { take: (envelope) => inbox.takeUnplaced(channel, [envelope]), close: () => database.close() }
}

/** A server that an envelope is submitted to, without room to hold it back. */
export function serverOf({ channel, author, key }: Known): Reader {
  const store = new Store(':memory:', openDatabase({ path: ':memory:', migrations: serverMigrations }))
  const channels = new Channels(store)
  channels.create({ id: channel, name: 'a', topic: '', account: author })
  const log = new ChannelLog(store)
  const commits = new GroupCommit(log, new HeldBack({ ...heldBackLimits, messages: 0 }), () => {})
  const directory = new FakeRef<typeof auth>('auth', () => ({
    lookup: async () => [{ id: author, name: 'author', keys: [key] }],
  }))
  const authors = new Authors(directory.ref)
  const intake = new Intake({ log, channels, commits, authors, proofs: new ProofPool() })
  return {
    take: (envelope) => intake.submit(Buffer.from(envelope), author),
    close: () => store.close(),
  }
}
