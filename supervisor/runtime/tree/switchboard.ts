import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ActorRef } from '../calls/actor-ref.ts'
import { ActorLink } from '../calls/actor-link.ts'
import type { AnyContract } from '../contract.ts'
import { DeadLetters, type DeadLetterReport } from '../dead-letters.ts'
import { NameTaken, UnknownActor } from '../errors.ts'
import { fromMessagePort } from '../port.ts'
import type { Child } from './child.ts'

/**
 * Connects the actors of one tree, wherever in it they are: hands each a port to everyone it is linked to, renews the
 * ports after a restart, and tells the callers when one is gone.
 */
export class Switchboard {
  readonly #children = new Map<string, Child>()
  /** Of actors and supervisors: a name means one thing in the whole tree. */
  readonly #names = new Set<string>()
  readonly #links = new Map<string, ActorLink<AnyContract>>()
  readonly #letters = new DeadLetters()

  /** What the supervisor's own side could not deliver. */
  get deadLetters(): DeadLetterReport {
    return this.#letters.report
  }

  /** @throws NameTaken */
  claim(name: string): void {
    if (this.#names.has(name)) throw new NameTaken(name)
    this.#names.add(name)
  }

  release(name: string): void {
    this.#names.delete(name)
  }

  /** @throws NameTaken */
  add(child: Child): void {
    this.claim(child.name)
    this.#children.set(child.name, child)
  }

  remove(child: Child): void {
    this.release(child.name)
    this.#children.delete(child.name)
  }

  /** @throws UnknownActor */
  child(name: string): Child {
    const child = this.#children.get(name)
    if (!child) throw new UnknownActor(name, [...this.#children.keys()])
    return child
  }

  get children(): Child[] {
    return [...this.#children.values()]
  }

  /** A handle for the supervisor's own side. It may be taken before the actor is there. */
  ref<C extends AnyContract>(contract: C): ActorRef<C> {
    return this.#link(contract) as unknown as ActorRef<C>
  }

  /** A port on which the actor's present life answers plain Comlink. @throws UnknownActor */
  port(name: string, caller: string): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.child(name).post({ type: 'serve', caller }, port2)
    return port1
  }

  /** A child is about to start: it gets its links first. */
  prepare(child: Child): void {
    for (const name of child.spec.links ?? []) {
      const target = this.#children.get(name)
      if (target?.state === 'running') join(child, target)
      // One that was never started is yet to come: the children of one call start one after another.
      else if (target?.state === 'failed' || (target?.state === 'stopped' && target.incarnation > 0)) {
        const reason = target.lastDeath?.reason ?? 'it is not running'
        child.post({ type: 'unlink', actor: name, incarnation: target.incarnation, reason, final: true })
      }
    }
  }

  /** A child is up: whoever calls it gets a port. */
  connect(child: Child): void {
    const { port1, port2 } = new MessageChannel()
    child.post({ type: 'serve', caller: 'supervisor' }, port2)
    this.#link(child.spec.contract).attach(fromMessagePort(port1))
    for (const caller of this.#callersOf(child)) join(caller, child)
  }

  /** A child is down. @param final whether it will not come back by itself */
  disconnect(child: Child, reason: string, final: boolean): void {
    const { name, incarnation } = child
    const link = this.#links.get(name)
    if (final) link?.abandon(incarnation, reason)
    else link?.detach(incarnation, reason)
    for (const caller of this.#callersOf(child))
      caller.post({ type: 'unlink', actor: name, incarnation, reason, final })
  }

  #link(contract: AnyContract): ActorLink<AnyContract> {
    let link = this.#links.get(contract.name)
    if (!link) this.#links.set(contract.name, (link = new ActorLink(contract, this.#letters)))
    return link
  }

  #callersOf(child: Child): Child[] {
    return this.children.filter(
      (other) => other !== child && other.alive && other.spec.links?.includes(child.name),
    )
  }
}

function join(caller: Child, target: Child): void {
  const { port1, port2 } = new MessageChannel()
  target.post({ type: 'serve', caller: caller.name }, port2)
  caller.post({ type: 'link', actor: target.name, incarnation: target.incarnation }, port1)
}
