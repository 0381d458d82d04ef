import type { DeliveryStage, DeliveryStep, DeliveryTime } from '../../shared/bridge.ts'
import type { TraceRow } from './log-statements.ts'

/** Who did what to one of our own messages, and to somebody else's. */
const actors: Readonly<Record<DeliveryStage, string>> = {
  written: 'chat',
  signed: 'crypto',
  gossiped: 'p2p',
  received: 'link',
  sequenced: 'server',
  confirmed: 'link',
  shown: 'window',
}
const stages = Object.keys(actors) as DeliveryStage[]

/** The timeline of one message, in order of stage. */
export function stepsOf(row: TraceRow): DeliveryStep[] {
  return stages.flatMap((stage) => {
    const at = row[stage]
    return at === null ? [] : [{ stage, at, actor: actorOf(stage, row) }]
  })
}

function actorOf(stage: DeliveryStage, { mine, receivedBy }: TraceRow): string {
  if (stage === 'written' && !mine) return 'author'
  if (stage === 'received' && receivedBy) return receivedBy
  return actors[stage]
}

/** What is measured, with both ends on this device's clock. */
const spans = [
  ['written', 'signed'],
  ['written', 'gossiped'],
  ['written', 'confirmed'],
  ['written', 'shown'],
  ['received', 'confirmed'],
  ['received', 'shown'],
] as const

/** How long the stages took, over the traces of the last messages. */
export function deliveryTimes(rows: readonly TraceRow[]): DeliveryTime[] {
  return spans.flatMap(([from, to]) => {
    const times = rows.flatMap((row) => {
      const [start, end] = [row[from], row[to]]
      const ours = from !== 'written' || row.mine
      return ours && start !== null && end !== null && end >= start ? [end - start] : []
    })
    if (times.length === 0) return []
    const sorted = times.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
    return [{ from, to, count: times.length, p50Ms: at(0.5), p99Ms: at(0.99) }]
  })
}
