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
]
