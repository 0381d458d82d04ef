import type { Connection, Stream } from '@libp2p/interface'
import { UnitedError } from '../../../shared/errors.ts'
import { PeerRefused, PeerSilent, PeerUnreachable, QuestionTooLarge } from '../errors.ts'
import { byMerit, isDirect } from '../transport.ts'
import { askDeadlineMs, askProtocol, framesOf, largestFrameBytes } from './protocol.ts'

/**
 * Puts one question to a peer, over one of the connections to it that are direct.
 * @throws PeerUnreachable, PeerSilent, PeerRefused, QuestionTooLarge
 */
export async function ask(
  peer: string,
  connections: readonly Connection[],
  request: Uint8Array,
): Promise<Uint8Array> {
  if (request.byteLength > largestFrameBytes) throw new QuestionTooLarge(request.byteLength)
  const connection = byMerit(connections).find(isDirect)
  if (!connection) throw new PeerUnreachable(peer)

  const signal = AbortSignal.timeout(askDeadlineMs)
  let stream: Stream | undefined
  try {
    stream = await connection.newStream(askProtocol, { signal })
    const frames = framesOf(stream)
    await frames.write(request, { signal })
    const answer = await frames.read({ signal })
    // The answer is here: the other side needs no goodbye, and nothing waits for one.
    void stream.close({ signal }).catch((cause: unknown) => stream?.abort(new PeerSilent(peer, { cause })))
    return answer.subarray()
  } catch (cause) {
    const error = failureOf(peer, connection, signal, cause)
    stream?.abort(error)
    throw error
  }
}

function failureOf(peer: string, connection: Connection, signal: AbortSignal, cause: unknown): UnitedError {
  if (connection.status !== 'open') return new PeerUnreachable(peer, { cause })
  if (signal.aborted) return new PeerSilent(peer, { cause })
  return new PeerRefused(peer, { cause })
}
