import Database from 'better-sqlite3'
import { emptyLogDigest, nextLogDigest } from '../../../shared/log-digest.ts'
import type { Client } from './client.ts'
import type { Shown } from './client-program.ts'

/** A channel's log on the server's disk. */
export interface StoredLog {
  ids: string[]
  /** Hex; of the whole log, as computed from the envelopes. */
  digest: string
  /** Places at which seq or digest do not follow from the ones before. */
  broken: number
}

/** @param path of the server's database, which nobody has open */
export function readStoredLog(path: string, channel: string): StoredLog {
  const database = new Database(path, { readonly: true })
  const rows = database
    .prepare<[string], { id: string; seq: number; envelope: Buffer; digest: Buffer }>(
      'SELECT id, seq, envelope, digest FROM messages WHERE channel = ? ORDER BY seq',
    )
    .all(channel)
  database.close()
  let digest: Uint8Array = emptyLogDigest
  let broken = 0
  for (const [index, row] of rows.entries()) {
    digest = nextLogDigest(digest, row.envelope)
    if (row.seq !== index + 1 || !row.digest.equals(digest)) broken++
  }
  return { ids: rows.map(({ id }) => id), digest: Buffer.from(digest).toString('hex'), broken }
}

/** What must be nought after any storm. */
export interface Verdict {
  /** Messages that somebody was told are kept, and that are not everywhere. */
  lost: number
  /** Messages that are somewhere more than once. */
  duplicated: number
  /** Places at which somebody's log has another message than the server's, or that somebody saw change. */
  out_of_order: number
  /** Places that are missing in somebody's log or in the server's. */
  gaps: number
}

export function judge(
  stored: StoredLog,
  clients: readonly { client: Client; log: readonly Shown[] }[],
): Verdict {
  const sent = clients.flatMap(({ client }) => client.sent)
  const inStore = new Set(stored.ids)
  const verdict: Verdict = {
    lost: sent.filter((id) => !inStore.has(id)).length,
    duplicated: stored.ids.length - inStore.size,
    out_of_order: 0,
    gaps: stored.broken,
  }
  for (const { client, log } of clients) {
    const confirmed = log.filter(([, seq]) => seq !== null)
    const ids = new Set(confirmed.map(([id]) => id))
    verdict.lost += sent.filter((id) => !ids.has(id)).length
    verdict.duplicated += log.length - new Set(log.map(([id]) => id)).size
    verdict.gaps += stored.ids.length - confirmed.length
    verdict.out_of_order += client.contradictions.length
    verdict.out_of_order += confirmed.filter(([id, seq]) => stored.ids[(seq ?? 0) - 1] !== id).length
  }
  return verdict
}
