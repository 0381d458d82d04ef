/** The layouts of chat.db, one migration each. Positions in a channel: confirmed by seq, the rest after, by (lamport, id). */
export const migrations = [
  `
  CREATE TABLE clock (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    lamport   INTEGER NOT NULL, -- the highest that was seen
    confirmed INTEGER NOT NULL  -- the highest of a confirmed message
  ) STRICT;
  INSERT INTO clock VALUES (1, 0, 0);

  CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE account_keys (
    account TEXT NOT NULL REFERENCES accounts (id),
    key     BLOB NOT NULL,
    PRIMARY KEY (account, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE channels (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    topic      TEXT NOT NULL,
    created_by TEXT NOT NULL,
    member     INTEGER NOT NULL,
    members    INTEGER NOT NULL,
    head       INTEGER NOT NULL, -- the highest seq that the server has given
    here       INTEGER NOT NULL DEFAULT 0 -- the seq up to which this log has no gap
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE messages (
    id       TEXT PRIMARY KEY,
    channel  TEXT NOT NULL REFERENCES channels (id),
    author   TEXT NOT NULL,
    text     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    lamport  INTEGER NOT NULL,
    seq      INTEGER,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'with-peers', 'confirmed', 'refused')),
    refusal  TEXT, -- JSON of a WireError
    unsigned BLOB NOT NULL, -- the bytes that the author signs
    sig      BLOB -- null until crypto has signed
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX messages_by_seq ON messages (channel, seq) WHERE seq IS NOT NULL;
  CREATE INDEX messages_by_position ON messages (channel, coalesce(seq, 9007199254740991), lamport, id);

  CREATE TABLE outbox (id TEXT PRIMARY KEY REFERENCES messages (id)) STRICT, WITHOUT ROWID;

  -- Messages that no other known message depends on: what the next one written here will name as its dependencies.
  CREATE TABLE tips (
    channel TEXT NOT NULL REFERENCES channels (id),
    id      TEXT NOT NULL REFERENCES messages (id),
    PRIMARY KEY (channel, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What of the server's order is here: places without a gap, both ends included. Ranges neither touch nor overlap.
  CREATE TABLE held (
    channel TEXT NOT NULL REFERENCES channels (id),
    low     INTEGER NOT NULL,
    high    INTEGER NOT NULL,
    PRIMARY KEY (channel, low)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE channels DROP COLUMN here;
  ALTER TABLE channels ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0; -- the seq up to which everything was read

  ALTER TABLE account_keys ADD COLUMN since INTEGER NOT NULL DEFAULT 0; -- ms since the epoch
  ALTER TABLE account_keys ADD COLUMN accepted INTEGER NOT NULL DEFAULT 1;

  ALTER TABLE messages ADD COLUMN key BLOB; -- the device key that signed it
  ALTER TABLE messages ADD COLUMN digest BLOB; -- of the channel's log up to and with it, once it has a seq
  -- The delivery trace, ms since the epoch; sequenced_at is the server's clock, all others are ours.
  ALTER TABLE messages ADD COLUMN written_at INTEGER;
  ALTER TABLE messages ADD COLUMN signed_at INTEGER;
  ALTER TABLE messages ADD COLUMN gossiped_at INTEGER;
  ALTER TABLE messages ADD COLUMN received_at INTEGER;
  ALTER TABLE messages ADD COLUMN received_by TEXT; -- p2p or link
  ALTER TABLE messages ADD COLUMN sequenced_at INTEGER;
  ALTER TABLE messages ADD COLUMN confirmed_at INTEGER;
  ALTER TABLE messages ADD COLUMN shown_at INTEGER;
  -- What was confirmed before digests were kept is confirmed anew.
  UPDATE messages SET seq = NULL, state = 'with-peers' WHERE seq IS NOT NULL;
  CREATE INDEX messages_by_author ON messages (author, channel, seq);
  `,
]
