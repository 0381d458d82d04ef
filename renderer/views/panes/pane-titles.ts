import type { Pane } from '../../stores/layout.ts'

export const paneTitles: Record<Pane, string> = {
  actors: 'Actors',
  peers: 'Server and peers',
  channel: 'Channel details',
  trace: 'Timeline of a message',
}
