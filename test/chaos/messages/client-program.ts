import { setTimeout as sleep } from 'node:timers/promises'
import { chatContract } from '../../../actors/chat/contract.ts'
import type { LogComparison, MessageView } from '../../../shared/bridge.ts'
import { errorCode } from '../../../shared/errors.ts'
import { Desktop } from '../../../supervisor/desktop.ts'
import { Person } from '../../support/world.ts'
import { supervision } from '../supervision.ts'

/** A desktop in a process of its own, without a window: what steers it stands in for the window and keeps what it must. */
export type ClientCommand =
  | { do: 'create' }
  | { do: 'join'; channel: string }
  | { do: 'say'; channel: string; id: string; text: string }
  | { do: 'kill'; actor: string }
  | { do: 'report'; channel: string }
  | { do: 'stop' }

/** A message as the window shows it: its id and its place, null while it has none. */
export type Shown = [id: string, seq: number | null]

export type ClientReport =
  | { ready: true }
  | { channel: string }
  /** Chat has said that the message is durable on this device. */
  | { kept: string }
  | { shown: Shown[] }
  | { log: Shown[]; comparison: LogComparison; pending: MessageView[] }
  | { stopped: true }

const [server = '', dataFolder = '', name = '', first = ''] = process.argv.slice(2)
const password = `the password of ${name}`
const tell = (report: ClientReport) => void process.send?.(report)
/** Between two tries of what an actor or the server could not do now, ms. */
const againMs = 150

const desktop = new Desktop({ dataFolder, profile: name, server, supervision })
const { chat } = { chat: desktop.supervisor.ref(chatContract) }
chat.on('messages', (messages) => tell({ shown: messages.map(({ id, seq }) => [id, seq]) }))
process.on('message', (command: ClientCommand) => void carryOut(command))
process.on('disconnect', () => process.exit())
await desktop.start()
const { session } = desktop
await untilDone(() => (first === 'first' ? session.register(name, password) : session.login(name, password)))
const person = new Person(desktop)
tell({ ready: true })

async function carryOut(command: ClientCommand): Promise<void> {
  switch (command.do) {
    case 'create': {
      const { id } = await untilDone(() => chat.call.createChannel({ name: 'storm', topic: '' }))
      return tell({ channel: id })
    }
    case 'join': {
      const { id } = await untilDone(() => chat.call.joinChannel(command.channel))
      return tell({ channel: id })
    }
    case 'say': {
      const { id, channel, text } = command
      await untilDone(() => chat.call.send({ id, channel, text }))
      return tell({ kept: id })
    }
    case 'kill':
      return desktop.supervisor.kill(command.actor, 'killed by the storm')
    case 'report': {
      const log = await untilDone(() => person.log(command.channel))
      const comparison = await untilDone(() => chat.call.compare(command.channel))
      const pending = log.filter(({ seq }) => seq === null)
      return tell({ log: log.map(({ id, seq }) => [id, seq]), comparison, pending })
    }
    case 'stop':
      await desktop.stop()
      return tell({ stopped: true })
  }
}

/** As an impatient user: what failed for a reason is tried again. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (errorCode(error) === undefined || errorCode(error) === 'name-taken') throw error
      await sleep(againMs)
    }
  }
}
