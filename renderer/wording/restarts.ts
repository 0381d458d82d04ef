import type { PartRestart } from '../stores/restart-so-far.ts'
import { gapInWords } from './trace.ts'

const list = new Intl.ListFormat('en', { type: 'conjunction' })

/** What a restart of one part has meant for that part and for the others. */
export function restartInWords(part: string, { awayMs, wentOn, wentDown, failure }: PartRestart): string {
  if (failure !== undefined) return `${part} was not restarted. ${failure}`
  const others = wentDown.length === 0 ? '' : ` ${list.format(wentDown)} restarted as well.`
  const went = wentOn.length === 0 ? '' : ` ${list.format(wentOn)} went on.`
  return awayMs === undefined
    ? `${part} is restarting.${others}`
    : `${part} is back after ${gapInWords(awayMs)}.${went}${others}`
}
