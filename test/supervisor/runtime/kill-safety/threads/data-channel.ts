import { sayBusy } from './busy.ts'
import { openChannel } from './open-channel.ts'

/** A data channel under load, between two peers in this thread. */
const { channel } = await openChannel()
sayBusy()
setInterval(() => {
  for (let sent = 0; sent < 20; sent++) channel.sendMessageBinary(Buffer.alloc(4096))
}, 1)
