import type { MessageView } from '../../shared/bridge.ts'

export interface Delivery {
  state: MessageView['state']
  mine: boolean
  /** Whether the host has it, and with that the disk. */
  kept: boolean
  /** Whether the server can be reached. */
  online: boolean
}

/** Where a message has got to. */
export function deliveryInWords({ state, mine, kept, online }: Delivery): string {
  if (!kept) return 'Being handed to UNITED'
  const next = online ? 'on its way to the server' : 'waiting for the server'
  switch (state) {
    case 'waiting':
      return `Kept on this device, ${next}`
    case 'with-peers':
      return mine ? `Sent to peers, ${next}` : 'Came from a peer, not confirmed by the server yet'
    case 'confirmed':
      return 'Confirmed by the server'
    case 'refused':
      return 'The server did not take it'
  }
}
