import { isMainThread, type Worker } from 'node:worker_threads'
import type { ActorRef } from './calls/actor-ref.ts'
import type { ActorLink } from './calls/actor-link.ts'
import type { ActorApi, AnyContract, Contract, EventsOf, InitOf } from './contract.ts'
import { DeadLetters } from './dead-letters.ts'
import { encodeFault } from './error-codec.ts'
import type { ActiveFaults, ActorFault } from './faults/fault.ts'
import { late } from './late.ts'
import type { IncomingCall } from './mailbox/incoming-call.ts'
import { Mailbox } from './mailbox/mailbox.ts'
import { ServedPort } from './mailbox/served-port.ts'
import type { Service } from './mailbox/service.ts'
import type { Port } from './port.ts'
import type { ThreadProfiles } from './profiling/thread-profiles.ts'
import { RingWriter } from './recorder/ring.ts'
import { supervisorChannel, type SupervisorChannel } from './supervisor-channel.ts'
import { measure } from './values.ts'
import { beat } from './vitals/heartbeat.ts'
import { Meter } from './vitals/meter.ts'
import { Vitals } from './vitals/vitals.ts'
import type { Question, SystemMessage } from './wire.ts'

/** What an actor is given when it starts. */
export interface ActorContext<C> {
  readonly name: string
  /** 1 for its first life, one more after each restart. */
  readonly incarnation: number
  readonly init: InitOf<C>
  /**
   * The call that is being carried out: who called, and a signal that is aborted when nobody waits for the answer any
   * more. To be read before the method's first `await`.
   * @throws Error outside of a method
   */
  readonly call: IncomingCall
  /** A handle on another actor; the child spec must name it among the links. */
  link<Linked extends AnyContract>(contract: Linked): ActorRef<Linked>
  /** Tells everyone who subscribed. Nobody who is away is told later. */
  emit<E extends keyof EventsOf<C> & string>(event: E, data: EventsOf<C>[E]): void
  /** Threads that work for this actor, by name: they are measured with it. */
  watchThreads(threads: () => ReadonlyMap<string, Worker>): void
}

/** A started actor: what it answers, and how it ends in good order. */
export interface StartedActor<Api> {
  /** A method may answer with an async iterable, which then reaches the caller item by item. */
  api: Api
  stop?(): Promise<void> | void
}

/** An actor is up for this long, ms, before it is looked at whether it has time to tidy up. */
const quietMs = 1_000

type StartMessage = Extract<SystemMessage, { type: 'start' }>

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
  void supervisorChannel().then((channel) => new ActorHost(contract, start, channel).listen())
}

/** The actor's end of the runtime: turns system messages into ports, links, calls and answers. */
class ActorHost<Api extends ActorApi<Api>, Events, Init> {
  readonly #contract: Contract<Api, Events, Init>
  readonly #start: (
    context: ActorContext<Contract<Api, Events, Init>>,
  ) => Promise<StartedActor<Api>> | StartedActor<Api>
  readonly #channel: SupervisorChannel
  readonly #served = new Set<ServedPort>()
  readonly #links = new Map<string, LinkEntry>()
  readonly #letters = new DeadLetters()
  readonly #mailbox: Mailbox
  readonly #meter = new Meter()
  readonly #faults: ActiveFaults = { messages: undefined }
  #threads: () => ReadonlyMap<string, Worker> = () => new Map()
  #started: { actor: StartedActor<Api>; service: Service; vitals: Vitals } | undefined
  #profiles: ThreadProfiles | undefined

  constructor(
    contract: Contract<Api, Events, Init>,
    start: (
      context: ActorContext<Contract<Api, Events, Init>>,
    ) => Promise<StartedActor<Api>> | StartedActor<Api>,
    channel: SupervisorChannel,
  ) {
    this.#contract = contract
    this.#start = start
    this.#channel = channel
    this.#mailbox = new Mailbox(contract.name, contract.mailbox)
  }

  listen(): void {
    const channel = this.#channel
    channel.onSystem((message, port) => {
      switch (message.type) {
        case 'start':
          return void this.#begin(message)
        case 'rehearse':
          return void this.#rehearse()
        case 'link':
          return port && this.#linked(message.actor, port)
        case 'unlink':
          return this.#unlinked(message)
        case 'serve':
          return port && this.#serve(message.caller, port)
        case 'ping':
          return channel.report({ type: 'pong', inspected: late.inspector.url() !== undefined })
        case 'fault':
          return void this.#suffer(message.fault)
        case 'ask':
          return void this.#answer(message.id, message.question)
        case 'stop':
          return void this.#stop()
      }
    })
    channel.report({ type: 'loaded' })
  }

  async #begin({ name, incarnation, init, beatMs, sampleMs }: StartMessage): Promise<void> {
    const { memory } = this.#channel
    const vitals = new Vitals({
      mailbox: this.#mailbox,
      meter: this.#meter,
      beatMs,
      sampleMs,
      cpu: () => (isMainThread ? process.cpuUsage() : process.threadCpuUsage()),
      ownProcess: isMainThread,
      letters: () => this.#letters.report,
      callbacks: () => this.#openCallbacks(),
      threads: () => this.#threads(),
      onBeat: () => {
        if (memory) beat(memory.heart)
        for (const caller of this.#served) caller.tellCount()
      },
      onSample: (sample) => this.#channel.report({ type: 'sample', sample }),
    })
    try {
      const actor = await this.#start(this.#context(name, incarnation, init as Init))
      const service: Service = {
        name,
        api: actor.api,
        mailbox: this.#mailbox,
        meter: this.#meter,
        letters: this.#letters,
        faults: this.#faults,
        recorder: memory && new RingWriter(memory.ring),
        recorded: this.#contract.recorded,
        current: undefined,
      }
      this.#started = { actor, service, vitals }
      this.#channel.report({ type: 'ready' })
      this.#collectWhenQuiet()
    } catch (error) {
      this.#crash(error)
    }
  }

  async #rehearse(): Promise<void> {
    const { rehearse } = await import('./mailbox/rehearsal.ts')
    await rehearse(this.#contract.mailbox)
  }

  /** Whoever has just come up has others waiting for it. */
  #collectWhenQuiet(): void {
    setTimeout(() => {
      if (this.#mailbox.depth > 0) return this.#collectWhenQuiet()
      void import('./vitals/collect-startup.ts').then(({ collectStartup }) => collectStartup())
    }, quietMs).unref()
  }

  #context(name: string, incarnation: number, init: Init): ActorContext<Contract<Api, Events, Init>> {
    const current = () => this.#started?.service.current
    return {
      name,
      incarnation,
      init,
      get call() {
        const call = current()
        if (!call) throw new Error('context.call is read in a method, before its first await')
        return call
      },
      link: (linked) => this.#linkTo(linked) as never,
      emit: (event, data) => {
        const { bytes } = measure(data)
        for (const caller of this.#served) caller.emit(event, data, bytes)
      },
      watchThreads: (threads) => {
        this.#threads = threads
      },
    }
  }

  #entry(actor: string): LinkEntry {
    let entry = this.#links.get(actor)
    if (!entry) this.#links.set(actor, (entry = { link: undefined, port: undefined, gone: undefined }))
    return entry
  }

  #linkTo(contract: AnyContract): ActorLink<AnyContract> {
    const entry = this.#entry(contract.name)
    if (!entry.link) {
      entry.link = new late.actorLink.ActorLink(contract, this.#letters)
      if (entry.port) entry.link.attach(entry.port)
      else if (entry.gone) entry.link.abandon(entry.gone.incarnation, entry.gone.reason)
    }
    return entry.link
  }

  #linked(actor: string, port: Port): void {
    const entry = this.#entry(actor)
    entry.port = port
    entry.gone = undefined
    entry.link?.attach(port)
  }

  #unlinked(message: { actor: string; incarnation: number; reason: string; final: boolean }): void {
    const entry = this.#entry(message.actor)
    entry.port = undefined
    entry.gone = message.final ? message : undefined
    if (message.final) entry.link?.abandon(message.incarnation, message.reason)
    else entry.link?.detach(message.incarnation, message.reason)
  }

  #serve(caller: string, port: Port): void {
    if (!this.#started) return
    const served = new ServedPort(port, caller, this.#started.service)
    this.#served.add(served)
    port.onClose(() => {
      this.#served.delete(served)
      this.#grant()
    })
    this.#grant()
  }

  /** Where callers wait for room, the mailbox is shared out among them in equal parts. */
  #grant(): void {
    const { messages, bytes, whenFull } = this.#contract.mailbox
    if (whenFull === 'reject') return
    const callers = Math.max(1, this.#served.size)
    for (const caller of this.#served)
      caller.grant(Math.max(1, Math.floor(messages / callers)), Math.floor(bytes / callers))
  }

  #openCallbacks(): number {
    let open = 0
    for (const { callbacks } of this.#served) open += callbacks
    for (const { link } of this.#links.values()) open += link?.callbacks ?? 0
    return open
  }

  async #suffer(fault: ActorFault): Promise<void> {
    const { inflict } = await import('./faults/inflict.ts')
    inflict(fault, this.#mailbox, this.#faults)
  }

  async #answer(id: number, question: Question): Promise<void> {
    try {
      this.#channel.report({ type: 'answer', id, result: await this.#resultOf(question) })
    } catch (error) {
      this.#channel.report({ type: 'refusal', id, fault: encodeFault(error) })
    }
  }

  async #resultOf(question: Question): Promise<unknown> {
    switch (question.about) {
      case 'sample':
        return this.#started?.vitals.sample()
      case 'profile-start': {
        // Loaded when asked for: an actor that nobody profiles does not pay for it.
        const { ThreadProfiles } = await import('./profiling/thread-profiles.ts')
        this.#profiles ??= await ThreadProfiles.start(question.intervalUs, this.#threads())
        return undefined
      }
      case 'profile-stop': {
        const profiles = await this.#profiles?.stop()
        this.#profiles = undefined
        return profiles ?? []
      }
      case 'heap-snapshot': {
        const { writeHeapSnapshot } = await import('./profiling/heap-snapshot.ts')
        return writeHeapSnapshot(question.path)
      }
    }
  }

  async #stop(): Promise<void> {
    try {
      await this.#started?.actor.stop?.()
      this.#channel.report({ type: 'stopped' })
    } catch (error) {
      this.#crash(error)
    }
  }

  #crash(error: unknown): void {
    this.#channel.report({ type: 'crashed', fault: encodeFault(error) })
  }
}
