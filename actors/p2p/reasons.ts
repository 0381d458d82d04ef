import { errorCode, errorMessage } from '../../shared/errors.ts'

/** What libp2p, Node and WebRTC say when no connection comes about, and what it means. The first that fits counts. */
const meanings: [said: RegExp, meaning: string][] = [
  [/NO_RESERVATION/, 'They hold no place at the server’s relay: their app has just ended, or is starting.'],
  [/RESOURCE_LIMIT_EXCEEDED|PERMISSION_DENIED/, 'The server’s relay has no room for another connection.'],
  [
    /status (CONNECTION_FAILED|MALFORMED_MESSAGE|UNEXPECTED_MESSAGE)/,
    'The server’s relay could not reach them: their app has ended, or their network has.',
  ],
  [
    /connection state became|SDPHandshakeFailed|\bICE\b/i,
    'No direct way was found through the routers between.',
  ],
  [/NoValidAddresses|DialDenied|NoRoute/, 'No way there is known.'],
  [/ECONNREFUSED/, 'The computer there refuses connections: the app may have ended.'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL/, 'The network has no route there.'],
  [/ENOTFOUND|EAI_AGAIN/, 'The name of the computer there cannot be looked up.'],
  [/EncryptionFailed/, 'Who answered there is somebody else, or belongs to another server.'],
  [/TimeoutError|AbortError|ETIMEDOUT|timed? ?out|aborted/i, 'There was no answer in time.'],
  [
    /ECONNRESET|EPIPE|StreamReset|StreamClosed|ConnectionClosed|UnexpectedEOF|Remote closed/,
    'The connection broke while it was being opened.',
  ],
]

/** Why a connection failed, in words for people; what has no translation is said as it is. */
export function reasonInWords(error: unknown): string {
  if (error instanceof AggregateError) {
    const reasons = error.errors.map(reasonInWords)
    if (reasons.length > 0) return [...new Set(reasons)].join(' ')
  }
  const name = error instanceof Error ? error.name : ''
  const said = `${name} ${errorCode(error) ?? ''} ${errorMessage(error)}`
  return meanings.find(([pattern]) => pattern.test(said))?.[1] ?? errorMessage(error)
}
