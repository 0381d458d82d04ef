import nodeDataChannel from 'node-datachannel'
import { sayBusy } from './busy.ts'
import { openChannel } from './open-channel.ts'

/** Releases in good order all that it had of the addon; the next thread loads it again. */
const { channel, peers } = await openChannel()
channel.close()
for (const peer of peers) peer.close()
nodeDataChannel.cleanup()
sayBusy()
