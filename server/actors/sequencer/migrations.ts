import { emptyLogDigest, nextLogDigest } from '../../../shared/log-digest.ts'
import type { Database, Migration } from '../../../shared/store/database.ts'

export const migrations: readonly Migration[] = [
  `
  CREATE TABLE channels (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    topic       TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    head        INTEGER NOT NULL DEFAULT 0,
    -- The highest Lamport time of its messages.
    max_lamport INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE members (
    channel   TEXT NOT NULL REFERENCES channels (id),
    account   TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (channel, account)
  ) STRICT, WITHOUT ROWID;

  -- With a rowid: rows of up to 64 KB would bloat the inner pages of a clustered tree.
  CREATE TABLE messages (
    id       TEXT NOT NULL UNIQUE,
    channel  TEXT NOT NULL REFERENCES channels (id),
    seq      INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    UNIQUE (channel, seq)
  ) STRICT;
  `,
  `
  ALTER TABLE messages ADD COLUMN digest BLOB;
  -- When it got its place, ms since the epoch. Messages from before this was kept have the time of their id.
  ALTER TABLE messages ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  `,
  addDigests,
]

function addDigests(database: Database): void {
  const rows = database.prepare<[], { rowid: number; id: string; channel: string; envelope: Buffer }>(
    'SELECT rowid, id, channel, envelope FROM messages ORDER BY channel, seq',
  )
  const keep = database.prepare<[Buffer, number, number]>(
    'UPDATE messages SET digest = ?, at = ? WHERE rowid = ?',
  )
  let channel: string | undefined
  let digest: Uint8Array = emptyLogDigest
  for (const row of rows.all()) {
    if (row.channel !== channel) digest = emptyLogDigest
    channel = row.channel
    const next = nextLogDigest(digest, row.envelope)
    keep.run(next, timeOf(row.id), row.rowid)
    digest = next
  }
}

/** ms since the epoch at which a UUIDv7 was made: its first 48 bits. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16)
}
