import type { MessageView } from '../../../shared/bridge.ts'

/** What must be nought after any storm. */
export interface Verdict {
  /** Messages that somebody was told are kept, and that are not confirmed in everybody's log. */
  lost: number
  /** Messages that are in somebody's log more than once. */
  duplicated: number
  /** Places at which somebody's log has another message than the first person's, or a gap. */
  out_of_order: number
}

/** Whether all of `sent` are confirmed in this log. */
export function isComplete(log: readonly MessageView[], sent: readonly string[]): boolean {
  const confirmed = new Set(log.filter(({ seq }) => seq !== null).map(({ id }) => id))
  return sent.every((id) => confirmed.has(id))
}

export function judge(logs: readonly MessageView[][], sent: readonly string[]): Verdict {
  const [reference = []] = logs
  let [lost, duplicated, outOfOrder] = [0, 0, 0]
  for (const log of logs) {
    const confirmed = log.filter(({ seq }) => seq !== null)
    const ids = new Set(confirmed.map(({ id }) => id))
    lost += sent.filter((id) => !ids.has(id)).length
    duplicated += log.length - new Set(log.map(({ id }) => id)).size
    outOfOrder += confirmed.filter(
      ({ id, seq }, place) => seq !== place + 1 || reference[place]?.id !== id,
    ).length
  }
  return { lost, duplicated, out_of_order: outOfOrder }
}
