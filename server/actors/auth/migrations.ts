export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- The name as names are compared: NFC, lower case.
    name_key   TEXT NOT NULL UNIQUE,
    -- Argon2id in its encoded form, parameters and salt included.
    secret     TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device_keys (
    key      TEXT PRIMARY KEY,
    account  TEXT NOT NULL REFERENCES accounts (id),
    added_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX device_keys_by_account ON device_keys (account);

  CREATE TABLE sessions (
    -- SHA-256 of the refresh token: who reads this file cannot sign in with it.
    token_hash BLOB PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id),
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
  `,
]
