import type { DeliveryTime } from '../shared/bridge.ts'
import type { ActorDesk } from './actor-desk.ts'
import type { Command, CommandAnswer } from './command-socket.ts'

const byCommand = 'by a command'

/** What only a desktop can be asked. */
export interface DesktopAnswers {
  /** Where its window can be opened, if it has one. */
  address?(): string | null
  /** How long its last messages took. */
  deliveryTimes?(): Promise<DeliveryTime[]>
}

/** Answers a command about the actors of one tree. */
export function answerAboutActors(
  desk: ActorDesk,
  { address = () => null, deliveryTimes = async () => [] }: DesktopAnswers = {},
): (command: Command) => Promise<CommandAnswer> {
  return async (command) => {
    switch (command.command) {
      case 'list':
        return { actors: desk.list() }
      case 'kill':
        desk.kill(command.actor, byCommand)
        return { killed: command.actor }
      case 'fault':
        desk.inflict(command.actor, command.fault, byCommand)
        return { inflicted: command.fault }
      case 'restart':
        desk.restart(command.actor)
        return { restarted: command.actor }
      case 'profile':
        return { profile: await desk.profile(command) }
      case 'metrics':
        return { metrics: desk.metrics() }
      case 'recording':
        return { recordings: desk.recordings(command.actor) }
      case 'dead-letters':
        return { deadLetters: desk.deadLetters() }
      case 'address':
        return { address: address() }
      case 'delivery':
        return { delivery: await deliveryTimes() }
    }
  }
}
