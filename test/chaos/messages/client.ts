import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { uuidv7 } from 'uuidv7'
import type { ClientCommand, ClientReport, Shown } from './client-program.ts'

const program = fileURLToPath(new URL('./client-program.ts', import.meta.url))

export interface ClientInit {
  name: string
  server: string
  dataFolder: string
  /** Node, on the computer where the client runs. */
  node: string
}

type ReportWith<K extends string> = Extract<ClientReport, Record<K, unknown>>

/**
 * A desktop that may be killed at any time, and the window before it: it offers what it was not told is kept again, and
 * remembers all that it was shown.
 */
export class Client {
  readonly name: string
  /** Messages that chat has said are kept. */
  readonly sent: string[] = []
  /** What was shown against what must hold: a place that changed, or one place for two messages. */
  readonly contradictions: string[] = []
  readonly #init: ClientInit
  readonly #unkept = new Map<string, string>()
  readonly #places = new Map<string, number>()
  readonly #shownAt = new Map<number, string>()
  #process: ChildProcess | undefined
  #channel: string | undefined
  #ready = false

  constructor(init: ClientInit) {
    this.#init = init
    this.name = init.name
  }

  /** Ids that were ever on the screen. */
  readonly shown = new Set<string>()

  get isUp(): boolean {
    return this.#ready
  }

  async start(first = false): Promise<void> {
    const { server, dataFolder, name, node } = this.#init
    const child = fork(program, [server, dataFolder, name, ...(first ? ['first'] : [])], { execPath: node })
    this.#process = child
    child.on('message', (report: ClientReport) => this.#hear(report))
    child.once('exit', () => (this.#ready = false))
    await this.#next('ready')
    this.#ready = true
    for (const [id, text] of this.#unkept) this.#offer(id, text)
  }

  async create(): Promise<string> {
    const { channel } = await this.#ask({ do: 'create' }, 'channel')
    this.#channel = channel
    return channel
  }

  async join(channel: string): Promise<void> {
    await this.#ask({ do: 'join', channel }, 'channel')
    this.#channel = channel
  }

  say(text: string): void {
    const id = uuidv7()
    this.#unkept.set(id, text)
    this.shown.add(id)
    this.#offer(id, text)
  }

  /** Whether everything that was said is kept. */
  get settled(): boolean {
    return this.#unkept.size === 0
  }

  kill(actor: string): void {
    this.#tell({ do: 'kill', actor })
  }

  /** SIGKILL to the whole client. */
  async end(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  report(channel: string): Promise<ReportWith<'log'>> {
    return this.#ask({ do: 'report', channel }, 'log')
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (!child) return
    await this.#ask({ do: 'stop' }, 'stopped')
    const exited = once(child, 'exit')
    child.disconnect()
    await exited
  }

  #offer(id: string, text: string): void {
    if (this.#ready && this.#channel) this.#tell({ do: 'say', channel: this.#channel, id, text })
  }

  #hear(report: ClientReport): void {
    if ('shown' in report) for (const shown of report.shown) this.#see(shown)
    else if ('kept' in report && this.#unkept.delete(report.kept)) this.sent.push(report.kept)
  }

  #see([id, seq]: Shown): void {
    this.shown.add(id)
    const before = this.#places.get(id)
    if (seq === null) {
      if (before !== undefined) this.contradictions.push(`${id} was at ${before} and has no place now`)
      return
    }
    const there = this.#shownAt.get(seq)
    if ((before ?? seq) !== seq) this.contradictions.push(`${id} was at ${before} and is at ${seq}`)
    if ((there ?? id) !== id) this.contradictions.push(`${there} and ${id} are both at ${seq}`)
    this.#places.set(id, seq)
    this.#shownAt.set(seq, id)
  }

  #tell(command: ClientCommand): void {
    // Whoever was killed hears nothing; what matters is said again by the next life.
    if (this.#process?.connected) this.#process.send(command, () => {})
  }

  #ask<K extends string>(command: ClientCommand, key: K): Promise<ReportWith<K>> {
    const answer = this.#next(key)
    this.#tell(command)
    return answer
  }

  #next<K extends string>(key: K): Promise<ReportWith<K>> {
    const child = this.#process
    return new Promise((resolve, reject) => {
      const heard = (report: ClientReport) => {
        if (!(key in report)) return
        child?.off('message', heard)
        child?.off('exit', gone)
        resolve(report as ReportWith<K>)
      }
      const gone = (code: number | null, signal: string | null) =>
        reject(new Error(`${this.name} ended (${signal ?? code}) before it said ${key}`))
      child?.on('message', heard)
      child?.once('exit', gone)
    })
  }
}
