import type { ChannelView, LogRange } from '../../shared/bridge.ts'
import { figure } from './figures.ts'

export function heldCount(held: readonly LogRange[]): number {
  return held.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

/** "62,400 of 100,000 messages are on this device". */
export function heldInWords({ held, head }: Pick<ChannelView, 'held' | 'head'>): string {
  const here = heldCount(held)
  if (head === 0) return 'Nothing has been said yet'
  if (here >= head)
    return head === 1
      ? 'Its one message is on this device'
      : `All ${figure(head)} messages are on this device`
  return `${figure(here)} of ${figure(head)} messages ${here === 1 ? 'is' : 'are'} on this device`
}
