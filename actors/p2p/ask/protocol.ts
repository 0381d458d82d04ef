import type { Stream } from '@libp2p/interface'
import { lpStream, type LengthPrefixedStream } from '@libp2p/utils'

/** One stream is one question: a frame there, a frame back. A stream that ends without the second is a refusal. */
export const askProtocol = '/united/ask/1.0.0'

/** From the start of a question to the end of its answer, on either side by its own count, ms. */
export const askDeadlineMs = 5_000
export const largestFrameBytes = 2 ** 20

/** What is over this, of one peer or of all together, is refused: each may hold a frame in memory. */
export const questionsAtOnce = { perPeer: 8, ofAll: 64 }

export function framesOf(stream: Stream): LengthPrefixedStream<Stream> {
  return lpStream(stream, {
    maxDataLength: largestFrameBytes,
    // The frame and its length.
    maxBufferSize: largestFrameBytes + 8,
  })
}
