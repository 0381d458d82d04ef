import { inspect } from 'node:util'
import { authorFrom } from '../support/author.ts'
import type { Contents } from './databases.ts'
import type { Faults } from './faults.ts'
import { channelCount, people, type Schedule, type Step } from './schedule.ts'
import { SimDevice } from './sim-device.ts'
import { SimServer } from './sim-server.ts'
import { ToldMessages } from './told.ts'
import { install, VirtualTime, type Life } from './virtual-time.ts'
import { faultsOfDevice, faultsOfLog, faultsOfOutbox, idAt } from './verdict.ts'
import { Wires } from './wires.ts'

/** After this much time, ms, or this many parcels, whatever still goes on goes on for ever. */
const quietWithin = { ms: 30 * 60_000, parcels: 50_000 }

/** What is wrong after a schedule, in words. */
export class Disagreement extends Error {}

export interface Outcome {
  accepted: number
  confirmed: number
}

/** Runs one schedule, then lets everything through. @throws Disagreement */
export async function simulate(schedule: Schedule, faults: Faults = {}): Promise<Outcome> {
  const time = new VirtualTime()
  const uninstall = install(time)
  const noise: string[] = []
  const consoleError = console.error
  console.error = (line: unknown) => void noise.push(String(line))
  const failures: unknown[] = []
  const failed = (error: unknown) => void failures.push(error)
  process.on('unhandledRejection', failed)
  const world = new Simulation(time, faults)
  try {
    await world.begin(schedule)
    for (const step of schedule.steps) await world.take(step)
    await world.settle()
    if (failures.length > 0)
      throw new Disagreement(`something was thrown that nobody caught: ${inspect(failures[0])}`)
    return world.judge()
  } catch (error) {
    if (process.env['TRACE']) console.log([...world.trace, ...noise].join('\n'))
    throw error
  } finally {
    world.close()
    process.off('unhandledRejection', failed)
    console.error = consoleError
    uninstall()
  }
}

/** UUIDv7s that are the same in each run, and grow. */
function idOf(kind: number, n: number): string {
  const text = (kind * 0x1_0000_0000 + n).toString(16).padStart(12, '0')
  return `018bcfe5-6800-7000-8000-${text}`
}

class Simulation {
  readonly #time: VirtualTime
  readonly #wires: Wires
  readonly #faults: Faults
  readonly #server: SimServer
  readonly #devices: SimDevice[]
  readonly #told: ToldMessages[]
  readonly #channels = Array.from({ length: channelCount }, (_, n) => idOf(2, n))
  readonly #unchanged = new Map<string, number>()
  /** Every place that any life of the server's log has given. */
  readonly #given = new Set<string>()
  readonly #accepted = new Set<string>()
  #copy: Contents | undefined
  #cut = new Set<number>()
  #said = 0
  /** Whoever is no part of the product: sockets and the schedule itself. */
  readonly #outside: Life = { ended: false }
  readonly trace: string[] = []

  constructor(time: VirtualTime, faults: Faults) {
    this.#time = time
    this.#faults = faults
    this.#wires = new Wires(time)
    const persons = Array.from({ length: people }, (_, n) => ({
      account: { id: idOf(1, n), name: ['ann', 'ben', 'cem'][n] ?? `p${n}` },
      author: authorFrom(new Uint8Array(32).fill(n + 1)),
    }))
    this.#server = new SimServer({
      wires: this.#wires,
      accounts: persons.map(({ account, author }) => ({
        ...account,
        keys: [Buffer.from(author.key).toString('base64')],
      })),
      ...(faults.answerOf ? { answerOf: faults.answerOf } : {}),
    })
    this.#told = persons.map(({ account }) => new ToldMessages(account.name, this.#unchanged))
    this.#devices = persons.map(
      ({ account, author }, n) =>
        new SimDevice({
          ...{ time, wires: this.#wires, server: this.#server, account, author },
          blind: faults.blind === true,
          shown: (views) => {
            for (const { id, seq } of views)
              this.trace.push(`    ${account.name} is told ${id.slice(-4)} at ${seq ?? '-'}`)
            this.#told[n]?.hear(views)
          },
        }),
    )
  }

  async begin({ warm, met }: Schedule): Promise<void> {
    const [host] = this.#devices
    for (const [n, id] of this.#channels.entries()) {
      this.#server.addChannel({ id, name: `channel-${n}` }, host?.account.id ?? '')
      // Whoever is last joins the last channel later, if at all.
      for (const [m, { account }] of this.#devices.entries())
        if (n + 1 < channelCount || m + 1 < people) this.#server.addMember(id, account.id)
    }
    for (const device of this.#devices) {
      this.#faults.prepare?.(device.database)
      device.link.connect()
      await device.start()
    }
    if (met) for (const [n] of this.#devices.entries()) for (let m = 0; m < n; m++) this.#connect(n, m, true)
    if (warm) await this.#quiet()
    this.#copy = this.#server.copy()
  }

  async take(step: Step): Promise<void> {
    this.trace.push(JSON.stringify(step))
    // What a signature or a group commit waits for is done before anything else comes, but for a crash.
    if (step.step === 'deliver' || step.step === 'say') await this.#time.immediates()
    switch (step.step) {
      case 'say':
        for (let time = 0; time < step.times; time++)
          await this.#say(this.#device(step.who), this.#channel(step.channel))
        return
      case 'deliver':
        for (const pick of step.picks) this.#note(await this.#wires.deliver(pick))
        return
      case 'lose':
        return this.#note(this.#wires.lose(step.pick))
      case 'repeat':
        return this.#note(this.#wires.repeat(step.pick))
      case 'wait':
        return this.#time.pass(step.ms)
      case 'crash':
        return this.#crash(step.who, step.stays)
      case 'link':
        return this.#toggleLink(step.who)
      case 'peers':
        return this.#connect(step.one, step.two)
      case 'relay': {
        const { p2p } = this.#device(step.who)
        p2p.serverHears = !p2p.serverHears
        return
      }
      case 'deaf':
        return this.#device(step.who).link.goDeaf()
      case 'restart-p2p':
        return this.#device(step.who).p2p.restart()
      case 'restart-sequencer':
        return this.#time.run(this.#outside, () => this.#server.restartSequencer())
      case 'crash-server':
        return this.#restartServer(() => this.#server.crash())
      case 'copy':
        this.#copy = this.#server.copy()
        return
      case 'restore':
        return this.#restore()
      case 'look': {
        const range = { channel: this.#channel(step.channel), from: step.from, to: step.from + 3 }
        return this.#device(step.who).ask((chat) => chat.range(range))
      }
      case 'compare':
        return this.#device(step.who).ask((chat) => chat.compare(this.#channel(step.channel)))
      case 'join': {
        const last = this.#channels.at(-1) ?? ''
        return this.#device(people - 1).ask((chat) => chat.joinChannel(last))
      }
    }
  }

  /** Everybody is there and can reach the server, and time passes until nothing happens any more. */
  async settle(): Promise<void> {
    this.trace.push('everything is let through')
    for (const device of this.#devices) {
      await device.start()
      device.link.connect()
    }
    await this.#quiet()
    for (const [n, device] of this.#devices.entries()) this.#told[n]?.compare((id) => device.view(id))
  }

  judge(): Outcome {
    const logs = this.#channels.map((channel) => ({ channel, log: this.#server.log(channel) }))
    for (const { channel } of logs) this.#keepGiven(channel)
    const places = new Map<string, number>()
    for (const id of logs.flatMap(({ log }) => log.map(idAt))) places.set(id, (places.get(id) ?? 0) + 1)
    const wrong = [
      ...logs.flatMap((log) => [...faultsOfLog(log)]),
      ...[...this.#accepted].flatMap((id) =>
        places.get(id) === 1 ? [] : [`${id} was accepted and has ${places.get(id) ?? 0} places`],
      ),
      ...[...places.keys()].flatMap((id) => (this.#accepted.has(id) ? [] : [`${id} was never said`])),
      ...this.#devices.flatMap((device) => [
        ...logs
          .filter(({ channel }) => this.#server.isMember(channel, device.account.id))
          .flatMap((log) => [...faultsOfDevice(device, log)]),
        ...faultsOfOutbox(device),
      ]),
      ...this.#told.flatMap((told) => [...told.faults(this.#given)]),
    ]
    if (wrong.length > 0) throw new Disagreement(wrong.join('\n'))
    return { accepted: this.#accepted.size, confirmed: places.size }
  }

  close(): void {
    for (const device of this.#devices) device.close()
    this.#server.close()
  }

  async #quiet(): Promise<void> {
    const end = this.#time.now + quietWithin.ms
    for (let parcels = 0; parcels < quietWithin.parcels; parcels++) {
      await this.#time.immediates()
      if (!this.#wires.empty) this.#note(await this.#wires.deliver(0))
      else {
        const { next, now } = this.#time
        if (next === undefined) return
        if (next > end) break
        await this.#time.pass(next - now)
      }
    }
    throw new Disagreement('it never comes to rest')
  }

  async #say(device: SimDevice, channel: string): Promise<void> {
    const id = idOf(3, this.#said++)
    await device.ask(async (chat) => {
      await chat.send({ id, channel, text: `message ${this.#said}` })
      this.#accepted.add(id)
    })
  }

  async #crash(who: number, stays: boolean): Promise<void> {
    const [device, told] = [this.#device(who), this.#told[who % people]]
    if (device.running) {
      device.crash()
      this.#faults.crashed?.(device.database)
      told?.reopen()
      if (stays) return
    }
    await device.start()
  }

  async #toggleLink(who: number): Promise<void> {
    const { link } = this.#device(who)
    await this.#time.run(this.#outside, () => {
      if (link.connected) {
        link.disconnect()
        this.#cut.add(who % people)
      } else {
        link.connect()
        this.#cut.delete(who % people)
      }
    })
  }

  #connect(one: number, two: number, up?: boolean): void {
    const [a, b] = [this.#device(one).p2p, this.#device(two).p2p]
    if (a !== b) a.connect(b, up ?? !a.isConnected(b))
  }

  async #restartServer(work: () => void): Promise<void> {
    await this.#time.run(this.#outside, work)
    for (const [n, { link }] of this.#devices.entries()) {
      // Also one whose hello was on its way.
      link.disconnect()
      if (!this.#cut.has(n)) link.connect()
    }
  }

  async #restore(): Promise<void> {
    const copy = this.#copy
    if (!copy) return
    for (const channel of this.#channels) this.#keepGiven(channel)
    const members = this.#channels.flatMap((channel) =>
      this.#devices
        .map(({ account }) => ({ channel, account: account.id }))
        .filter(({ account }) => this.#server.isMember(channel, account)),
    )
    await this.#restartServer(() => this.#server.crash(copy))
    // Whoever joined since the copy would be refused, and rightly so.
    for (const { channel, account } of members) this.#server.addMember(channel, account)
    for (const channel of this.#channels) {
      const head = this.#server.log(channel).length
      this.#unchanged.set(channel, Math.min(head, this.#unchanged.get(channel) ?? head))
    }
  }

  #keepGiven(channel: string): void {
    for (const entry of this.#server.log(channel)) this.#given.add(`${channel} ${entry.seq} ${idAt(entry)}`)
  }

  #device(who: number): SimDevice {
    return pickOf(this.#devices, who)
  }

  #channel(n: number): string {
    return pickOf(this.#channels, n)
  }

  #note(what: string | undefined): void {
    if (what !== undefined) this.trace.push(`  ${what}`)
  }
}

function pickOf<T>(all: readonly T[], n: number): T {
  const one = all[n % all.length]
  if (one === undefined) throw new RangeError('there is none to pick from')
  return one
}
