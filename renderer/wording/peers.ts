import type { PeerView } from '../../shared/bridge.ts'
import { count } from './counts.ts'

/** How many peers are reached and how, short enough for the header. */
export function reachInWords(direct: number, relayed: number): string {
  if (direct === 0 && relayed === 0) return 'No peers connected'
  if (relayed === 0) return `${count(direct, 'peer')} direct`
  if (direct === 0) return `${count(relayed, 'peer')} relayed`
  return `${direct} direct, ${relayed} relayed`
}

const transports: Record<PeerView['transport'], string> = {
  webrtc: 'WebRTC',
  websocket: 'WebSocket',
  tcp: 'TCP',
  relay: 'Relay',
  none: 'Not connected',
}

export function transportInWords(peer: PeerView): string {
  return transports[peer.transport]
}

export function directnessInWords(peer: PeerView): string {
  if (peer.transport === 'none') return 'What you write reaches them through the server'
  return peer.direct ? 'Direct' : 'Through the relay, still encrypted'
}
