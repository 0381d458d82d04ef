import { randomBytes } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import { encodeEnvelope } from '../../shared/envelope.ts'

/** An envelope that is well formed and signed by nobody: what p2p carries without asking whose it is. */
export function unsignedEnvelope(channel: string): Uint8Array {
  return encodeEnvelope({
    ...{ v: 1, id: uuidv7(), author: uuidv7(), key: randomBytes(32), channel, text: 'hello' },
    ...{ attachments: [], blocks: [], lamport: 1, deps: [], at: Date.now(), sig: randomBytes(64) },
  })
}
