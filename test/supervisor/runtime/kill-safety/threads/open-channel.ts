import nodeDataChannel, { type DataChannel, type PeerConnection } from 'node-datachannel'

/** Connects two peers in this thread over the loopback interface, and waits until their channel is open. */
export async function openChannel(): Promise<{ channel: DataChannel; peers: readonly PeerConnection[] }> {
  const caller = new nodeDataChannel.PeerConnection('caller', { iceServers: [] })
  const callee = new nodeDataChannel.PeerConnection('callee', { iceServers: [] })
  signal(caller, callee)
  signal(callee, caller)
  callee.onDataChannel((received) => received.onMessage(() => undefined))
  const channel = caller.createDataChannel('busy')
  await new Promise<void>((resolve) => channel.onOpen(resolve))
  return { channel, peers: [caller, callee] }
}

function signal(from: PeerConnection, to: PeerConnection): void {
  from.onLocalDescription((sdp, type) => to.setRemoteDescription(sdp, type))
  from.onLocalCandidate((candidate, mid) => to.addRemoteCandidate(candidate, mid))
}
