export const migrations: readonly string[] = [
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
]
