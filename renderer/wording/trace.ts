import type { DeliveryStage } from '../../shared/bridge.ts'
import { inWords } from './durations.ts'
import { figure } from './figures.ts'

const stages: Record<DeliveryStage, string> = {
  written: 'Written',
  signed: 'Signed',
  gossiped: 'Sent to peers',
  received: 'Arrived here',
  sequenced: 'Given its place by the server',
  confirmed: 'Confirmation arrived here',
  shown: 'On the screen',
}

export function stageInWords(stage: DeliveryStage): string {
  return stages[stage]
}

/** Whose clock a step was timed by; undefined for this device's. */
export function foreignClock(actor: string): string | undefined {
  if (actor === 'server') return 'by the server’s clock'
  return actor === 'author' ? 'by its author’s clock' : undefined
}

/** A time between two steps: "12 ms", "3.1 s", "2 min 5 s". */
export function gapInWords(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1_000) return `${figure(Math.round(size))} ms`
  return size < 60_000 ? `${(size / 1_000).toFixed(1)} s` : inWords(size)
}

/** As `gapInWords`, with its sign: a step by another clock may seem to be before the last one. */
export function sinceInWords(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${gapInWords(ms)}`
}
