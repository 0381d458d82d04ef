import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { ActorLink, type ActorRef } from './actor-ref.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import type { ChildSpec } from './child-spec.ts'
import { Child, type ChildStatus, type Death, type Isolations } from './child.ts'
import type { AnyContract } from './contract.ts'
import { UnknownActor } from './errors.ts'
import { spawnProcess } from './isolation/process.ts'
import { spawnThread } from './isolation/thread.ts'
import { fromMessagePort } from './port.ts'
import { RestartIntensity, type Intensity } from './restart-intensity.ts'

/** Who is restarted when one child dies: that one; it and all started after it; everyone. As in Erlang/OTP. */
export type Strategy = 'one-for-one' | 'rest-for-one' | 'one-for-all'

export interface SupervisorInit {
  /** @default 'one-for-one' */
  strategy?: Strategy
  /** Per child. @default 10 restarts in 60 s */
  intensity?: Intensity
  /** @default 100 ms, growing to 5 s, for deaths within 10 s of each other */
  backoff?: Backoff
  /** How each isolation is made here. @default worker_threads and child_process */
  isolations?: Partial<Isolations>
  /** Source of the jitter, 0 to 1. @default Math.random */
  random?: () => number
}

interface SupervisorEvents {
  /** A child changed its state. */
  change: [ChildStatus]
  death: [ChildStatus, Death]
  /** A child died too often and is left down. */
  gaveUp: [ChildStatus]
}

/**
 * Starts actors in order, keeps them running, hands them ports to each other, and stops them in reverse order.
 *
 * Restarts of one unit run one after another: a unit is a child under one-for-one, the whole tree otherwise.
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #strategy: Strategy
  readonly #intensityLimit: Intensity
  readonly #backoff: Backoff
  readonly #isolations: Isolations
  readonly #random: () => number
  readonly #children = new Map<string, Child>()
  readonly #intensities = new Map<string, RestartIntensity>()
  readonly #refs = new Map<string, ActorLink<AnyContract>>()
  readonly #recoveries = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(init: SupervisorInit = {}) {
    super()
    this.#strategy = init.strategy ?? 'one-for-one'
    this.#intensityLimit = init.intensity ?? { max: 10, periodMs: 60_000 }
    this.#backoff = init.backoff ?? { firstMs: 100, maxMs: 5_000, calmMs: 10_000 }
    this.#isolations = { thread: spawnThread, process: spawnProcess, ...init.isolations }
    this.#random = init.random ?? Math.random
  }

  get children(): ChildStatus[] {
    return [...this.#children.values()].map((child) => child.status)
  }

  /** A handle for the supervisor's own side. It may be taken before the child is there. */
  ref<C extends AnyContract>(contract: C): ActorRef<C> {
    return this.#link(contract) as unknown as ActorRef<C>
  }

  /**
   * Starts children in the order given, each after the one before is ready. When one fails, those that this call
   * started are stopped again.
   * @throws ActorStartFailed
   */
  async start(specs: readonly ChildSpec[]): Promise<void> {
    const begun: string[] = []
    try {
      for (const spec of specs) {
        begun.push(spec.contract.name)
        await this.#startFirst(spec)
      }
    } catch (error) {
      await this.remove(begun)
      throw error
    }
  }

  /** Stops children in reverse order of start and forgets them. Their names may be started again. */
  async remove(names: readonly string[]): Promise<void> {
    const leaving = this.#inReverse().filter((child) => names.includes(child.name))
    for (const child of leaving) {
      this.#children.delete(child.name)
      await this.#takeDown(child, 'it was stopped')
      this.#refs.get(child.name)?.abandon(child.incarnation, 'it was stopped')
      this.emit('change', child.status)
    }
  }

  /**
   * Ends a child at once, as a fault would; the restart policy decides what follows.
   * @throws UnknownActor
   */
  kill(name: string, reason = 'killed'): void {
    this.#child(name).kill(reason)
  }

  /**
   * Tries a child again that was given up.
   * @throws UnknownActor
   */
  revive(name: string): void {
    const child = this.#child(name)
    if (child.state !== 'failed') return
    this.#intensities.get(name)?.reset()
    child.enter('restarting')
    this.#scheduleRecovery(child, true)
  }

  /** Stops everything in reverse order of start. The supervisor cannot be used again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const child of this.#inReverse()) {
      await this.#takeDown(child, 'the supervisor is stopping')
      this.#refs.get(child.name)?.abandon(child.incarnation, 'the supervisor is stopping')
    }
    await Promise.all(this.#recoveries.values())
  }

  #child(name: string): Child {
    const child = this.#children.get(name)
    if (!child) throw new UnknownActor(name, [...this.#children.keys()])
    return child
  }

  #inReverse(): Child[] {
    return [...this.#children.values()].reverse()
  }

  #link(contract: AnyContract): ActorLink<AnyContract> {
    let link = this.#refs.get(contract.name)
    if (!link) this.#refs.set(contract.name, (link = new ActorLink(contract)))
    return link
  }

  async #startFirst(spec: ChildSpec): Promise<void> {
    const child = new Child(spec, this.#isolations, {
      change: () => this.emit('change', child.status),
      death: (_child, death) => this.#died(child, death),
    })
    this.#children.set(child.name, child)
    this.#intensities.set(child.name, new RestartIntensity(this.#intensityLimit))
    await this.#bringUp(child)
  }

  async #bringUp(child: Child): Promise<void> {
    await child.start((starting) => {
      for (const name of starting.spec.links ?? []) {
        const target = this.#children.get(name)
        if (target?.state === 'running') connect(starting, target)
        else if (target?.state === 'failed' || target?.state === 'stopped') {
          const reason = target.status.lastDeath?.reason ?? 'it is not running'
          starting.post({ type: 'unlink', actor: name, incarnation: target.incarnation, reason, final: true })
        }
      }
    })
    const { port1, port2 } = new MessageChannel()
    child.post({ type: 'serve', caller: 'supervisor' }, port2)
    this.#link(child.spec.contract).attach(fromMessagePort(port1))
    for (const other of this.#callersOf(child)) connect(other, child)
  }

  #callersOf(child: Child): Child[] {
    return [...this.#children.values()].filter(
      (other) => other !== child && other.alive && other.spec.links?.includes(child.name),
    )
  }

  async #takeDown(child: Child, reason: string): Promise<void> {
    await child.stop()
    this.#disconnect(child, reason, false)
  }

  #disconnect(child: Child, reason: string, final: boolean): void {
    const link = this.#refs.get(child.name)
    if (final) link?.abandon(child.incarnation, reason)
    else link?.detach(child.incarnation, reason)
    const message = {
      type: 'unlink',
      actor: child.name,
      incarnation: child.incarnation,
      reason,
      final,
    } as const
    for (const other of this.#callersOf(child)) other.post(message)
  }

  #died(child: Child, death: Death): void {
    if (child.state === 'stopping' || child.state === 'stopped') return
    this.emit('death', child.status, death)
    const { restart = 'permanent' } = child.spec
    if (restart === 'temporary' || (restart === 'transient' && death.normal)) {
      child.enter('stopped')
      this.#disconnect(child, death.reason, true)
      return
    }
    child.enter('restarting')
    this.#disconnect(child, death.reason, false)
    this.#scheduleRecovery(child, death.deliberate)
  }

  #scheduleRecovery(child: Child, deliberate: boolean): void {
    const unit = this.#strategy === 'one-for-one' ? child.name : ''
    const before = this.#recoveries.get(unit) ?? Promise.resolve()
    const recovery = before.then(() => this.#recover(child, deliberate))
    this.#recoveries.set(unit, recovery)
  }

  async #recover(child: Child, deliberate: boolean): Promise<void> {
    const affected = this.#affectedBy(child)
    for (const other of affected.toReversed()) {
      if (other !== child && other.state === 'running') {
        await this.#takeDown(other, `restarted with ${child.name}`)
        other.enter('restarting')
      }
    }
    for (const next of affected) {
      const counts = next === child && !deliberate
      if (!(await this.#restart(next, counts))) return
    }
  }

  #affectedBy(child: Child): Child[] {
    const all = [...this.#children.values()]
    if (this.#strategy === 'one-for-one') return [child]
    return this.#strategy === 'one-for-all' ? all : all.slice(all.indexOf(child))
  }

  /**
   * Tries until it is up, the intensity is used up, or it is no longer wanted.
   * @param counts whether the first try is one after a failure
   */
  async #restart(child: Child, counts: boolean): Promise<boolean> {
    const intensity = this.#intensities.get(child.name)
    while (this.#wanted(child) && intensity) {
      const attempt = intensity.recent(Date.now(), this.#backoff.calmMs)
      if (counts && !intensity.allow(Date.now())) {
        child.enter('failed')
        this.#disconnect(child, child.status.lastDeath?.reason ?? 'it died too often', true)
        this.emit('gaveUp', child.status)
        return false
      }
      const signal = this.#stopping.signal
      await sleep(backoffMs(this.#backoff, attempt, this.#random), undefined, { signal }).catch(
        (error: unknown) => {
          if (!signal.aborted) throw error
        },
      )
      if (!this.#wanted(child)) return false
      try {
        await this.#bringUp(child)
        return true
      } catch (error) {
        const death = child.status.lastDeath
        if (!death) throw error
        counts = true
        this.emit('death', child.status, death)
      }
    }
    return false
  }

  #wanted(child: Child): boolean {
    return (
      child.state === 'restarting' &&
      !this.#stopping.signal.aborted &&
      this.#children.get(child.name) === child
    )
  }
}

function connect(caller: Child, target: Child): void {
  const { port1, port2 } = new MessageChannel()
  target.post({ type: 'serve', caller: caller.name }, port2)
  caller.post({ type: 'link', actor: target.name, incarnation: target.incarnation }, port1)
}
