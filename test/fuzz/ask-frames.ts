import { streamPair } from '@libp2p/utils'
import type { Connection } from '@libp2p/interface'
import { setTimeout as sleep } from 'node:timers/promises'
import { largestFrameBytes } from '../../actors/p2p/ask/protocol.ts'
import { Questions } from '../../actors/p2p/ask/questions.ts'
import { Unsound } from './judge.ts'
import { mutatedBytes } from './mutations.ts'
import type { Target } from './target.ts'

const question = Buffer.from('what do you hold?')
/** A frame is its length as a varint, and as many bytes. */
const frame = Buffer.concat([Buffer.from([question.byteLength]), question])
const lengths = [[0], [0xff, 0xff, 0xff, 0xff, 0x0f], Array<number>(12).fill(0xff), [0x80, 0x80, 0x40]]

/** Whatever a peer writes on a stream of the ask protocol, the other side settles it and keeps nothing. */
export const askFrames: Target = {
  name: 'frames of questions',
  share: 0.05,
  next(random) {
    const bytes = mutatedBytes(random, frame)
    const length = lengths[random.below(lengths.length * 3)]
    const sent = length ? Buffer.concat([Buffer.from(length), bytes]) : bytes
    return async () => {
      const [ours, theirs] = await streamPair({ delay: 0 })
      let taken = false
      const questions = new Questions({
        mayAsk: () => true,
        asked: ({ id, request }) => {
          taken = true
          if (request.byteLength > largestFrameBytes)
            throw new Unsound(`${request.byteLength} bytes were taken`)
          questions.answer(id, request)
        },
      })
      // Of a connection it reads the name of the peer alone.
      const served = questions.serve(theirs, {
        remotePeer: { toString: () => 'a peer' },
      } as unknown as Connection)
      if (sent.byteLength > 0) ours.send(sent)
      // A peer that sends nothing more is waited for until the deadline; this one ends its side.
      await Promise.race([ours.close(), sleep(100, undefined, { ref: false })])
      await Promise.race([
        served,
        sleep(200, undefined, { ref: false }).then(() => ours.abort(new Error('over'))),
      ])
      await served
      return taken
    }
  },
}
