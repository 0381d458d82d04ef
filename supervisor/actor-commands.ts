import { toActorView } from './actor-view.ts'
import type { Command, CommandAnswer } from './command-socket.ts'
import type { Supervisor } from './runtime/index.ts'

/** Answers a command about the actors of one tree. `address` is where its window can be opened, if it has one. */
export function answerAboutActors(
  supervisor: Supervisor,
  address: () => string | null,
): (command: Command) => CommandAnswer {
  return (command) => {
    switch (command.command) {
      case 'list':
        return { actors: supervisor.children.map(toActorView) }
      case 'kill':
        supervisor.kill(command.actor, 'killed by a command')
        return { killed: command.actor }
      case 'address':
        return { address: address() }
    }
  }
}
