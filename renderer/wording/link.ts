import type { LinkView } from '../../shared/bridge.ts'
import { count } from './counts.ts'

export function linkInWords(link: LinkView): string {
  switch (link.state) {
    case 'online':
      return 'Server online'
    case 'connecting':
      return 'Connecting to the server'
    case 'offline':
      return 'Server unreachable'
  }
}

/** What happened, and what is safe. */
export function cutOffInWords(pending: number): string {
  if (pending === 0)
    return 'The server cannot be reached. You can go on writing: your messages are kept and will be sent.'
  const yours = pending === 1 ? 'Your message is' : `Your ${count(pending, 'message')} are`
  return `The server cannot be reached. ${yours} kept and will be sent.`
}
