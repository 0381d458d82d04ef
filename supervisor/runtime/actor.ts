import { ActorLink, type ActorRef } from './actor-ref.ts'
import type { ActorApi, AnyContract, Contract, EventsOf, InitOf } from './contract.ts'
import { encodeFault } from './error-codec.ts'
import type { Port } from './port.ts'
import { Mailbox, ServedPort } from './served-port.ts'
import { supervisorChannel } from './supervisor-channel.ts'

/** What an actor is given when it starts. */
export interface ActorContext<C> {
  readonly name: string
  /** 1 for its first life, one more after each restart. */
  readonly incarnation: number
  readonly init: InitOf<C>
  /** A handle on another actor; the child spec must name it among the links. */
  link<Linked extends AnyContract>(contract: Linked): ActorRef<Linked>
  /** Tells everyone who subscribed. Nobody who is away is told later. */
  emit<E extends keyof EventsOf<C> & string>(event: E, data: EventsOf<C>[E]): void
}

/** A started actor: what it answers, and how it ends in good order. */
export interface StartedActor<Api> {
  api: Api
  stop?(): Promise<void> | void
}

/** What is known of an actor that this one may call, from before it asks for a handle. */
interface LinkEntry {
  link: ActorLink<AnyContract> | undefined
  port: Port | undefined
  gone: { incarnation: number; reason: string } | undefined
}

/**
 * Makes the current thread or process an actor. The last line of an actor's entry file.
 * @param start acquires what the actor needs; the supervisor counts the actor as up when its promise resolves
 */
export function runActor<Api extends ActorApi<Api>, Events, Init>(
  contract: Contract<Api, Events, Init>,
  start: (
    context: ActorContext<Contract<Api, Events, Init>>,
  ) => Promise<StartedActor<Api>> | StartedActor<Api>,
): void {
  const channel = supervisorChannel()
  const mailbox = new Mailbox(contract.name, contract.mailbox)
  const served = new Set<ServedPort>()
  const links = new Map<string, LinkEntry>()
  let started: StartedActor<Api> | undefined

  const linkTo = (actor: string) => {
    let entry = links.get(actor)
    if (!entry) links.set(actor, (entry = { link: undefined, port: undefined, gone: undefined }))
    return entry
  }

  channel.onSystem((message, port) => {
    switch (message.type) {
      case 'start': {
        const context: ActorContext<Contract<Api, Events, Init>> = {
          name: message.name,
          incarnation: message.incarnation,
          init: message.init as Init,
          link<Linked extends AnyContract>(linked: Linked): ActorRef<Linked> {
            const entry = linkTo(linked.name)
            if (!entry.link) {
              entry.link = new ActorLink<AnyContract>(linked)
              if (entry.port) entry.link.attach(entry.port)
              else if (entry.gone) entry.link.abandon(entry.gone.incarnation, entry.gone.reason)
            }
            return entry.link as unknown as ActorRef<Linked>
          },
          emit(event, data) {
            for (const caller of served) caller.emit(event, data)
          },
        }
        Promise.resolve()
          .then(() => start(context))
          .then((actor) => {
            started = actor
            channel.report({ type: 'ready' })
          })
          .catch((error: unknown) => channel.report({ type: 'crashed', fault: encodeFault(error) }))
        return
      }
      case 'link': {
        const entry = linkTo(message.actor)
        entry.port = port
        entry.gone = undefined
        if (port) entry.link?.attach(port)
        return
      }
      case 'unlink': {
        const entry = linkTo(message.actor)
        entry.port = undefined
        entry.gone = message.final ? message : undefined
        if (message.final) entry.link?.abandon(message.incarnation, message.reason)
        else entry.link?.detach(message.incarnation, message.reason)
        return
      }
      case 'serve': {
        if (!port || !started) return
        const caller = new ServedPort(port)
        served.add(caller)
        caller.onClose(() => served.delete(caller))
        caller.serve(started.api, mailbox)
        return
      }
      case 'stop': {
        Promise.resolve()
          .then(() => started?.stop?.())
          .then(() => channel.report({ type: 'stopped' }))
          .catch((error: unknown) => channel.report({ type: 'crashed', fault: encodeFault(error) }))
      }
    }
  })
  channel.report({ type: 'loaded' })
}
