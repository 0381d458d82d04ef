import type { PeerView } from '../../shared/bridge.ts'
import { count } from './counts.ts'
import { inWords } from './durations.ts'
import { milliseconds } from './figures.ts'

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

/** What the connection is like: "Round trip 12 ms", "Connected for 3 min", "2 attempts". */
export function connectionFacts(peer: PeerView, now: number): string[] {
  const facts: string[] = []
  if (peer.rttMs !== null) facts.push(`Round trip ${milliseconds(peer.rttMs)}`)
  if (peer.since !== null) facts.push(`Connected for ${inWords(now - peer.since)}`)
  if (peer.attempts > 0)
    facts.push(
      peer.transport === 'none'
        ? `${count(peer.attempts, 'attempt')} so far`
        : `${count(peer.attempts, 'attempt')} at a better way`,
    )
  return facts
}
