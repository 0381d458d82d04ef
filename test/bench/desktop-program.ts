import { uuidv7 } from 'uuidv7'
import { startPerson } from '../support/world.ts'

/** A desktop in a process of its own, as users run it, steered over IPC. */
export type DesktopCommand =
  { do: 'create' } | { do: 'join'; channel: string } | { do: 'say'; channel: string } | { do: 'stop' }
export type DesktopReport =
  | { relay: string }
  | { channel: string }
  | { joined: true }
  /** When `chat.send` was called, ns of the machine's monotonic clock. */
  | { said: string; atNs: bigint }
  /** When the event of a new message arrived, on the same clock. */
  | { shown: string; atNs: bigint }
  | { stopped: true }

const [server = '', dataFolder = '', name = ''] = process.argv.slice(2)
const send = (report: DesktopReport) => process.send?.(report)

// The bare nodes have WebRTC alone.
const person = await startPerson({ server, dataFolder, name, lan: false })
const seen = new Set<string>()
person.chat.on('messages', (messages) => {
  const atNs = process.hrtime.bigint()
  for (const { id, mine } of messages) {
    if (mine || seen.has(id)) continue
    seen.add(id)
    send({ shown: id, atNs })
  }
})
process.on('message', (command: DesktopCommand) => void run(command))
process.on('disconnect', () => process.exit())
const welcome = await person.online()
send({ relay: welcome.relays[0] ?? '' })

async function run(command: DesktopCommand): Promise<void> {
  switch (command.do) {
    case 'create': {
      const { id } = await person.chat.call.createChannel({ name: 'bench', topic: '' })
      return void send({ channel: id })
    }
    case 'join':
      await person.chat.call.joinChannel(command.channel)
      await person.direct(1)
      return void send({ joined: true })
    case 'say': {
      const id = uuidv7()
      const atNs = process.hrtime.bigint()
      send({ said: id, atNs })
      await person.chat.call.send({ id, channel: command.channel, text: 'how long does this take?' })
      return
    }
    case 'stop':
      await person.desktop.stop()
      send({ stopped: true })
  }
}
