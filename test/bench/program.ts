import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program that a bench steers over IPC: commands go down, reports come up. */
export class Program<Command extends object, Report extends object> {
  readonly #child: ChildProcess

  constructor(entry: URL, args: readonly string[] = []) {
    this.#child = fork(fileURLToPath(entry), [...args], { serialization: 'advanced' })
  }

  /** The next report that has `key`. */
  next<K extends string>(key: K): Promise<Extract<Report, Record<K, unknown>>> {
    return new Promise((resolve) => {
      const listener = (message: object) => {
        if (!(key in message)) return
        this.#child.off('message', listener)
        // Each kind of report is known by a key of its own.
        resolve(message as Extract<Report, Record<K, unknown>>)
      }
      this.#child.on('message', listener)
    })
  }

  tell(command: Command): void {
    this.#child.send(command)
  }

  ask<K extends string>(command: Command, key: K): Promise<Extract<Report, Record<K, unknown>>> {
    const report = this.next(key)
    this.tell(command)
    return report
  }

  end(): void {
    this.#child.disconnect()
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.end()
    await exited
  }
}
