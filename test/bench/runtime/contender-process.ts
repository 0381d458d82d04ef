import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ContenderCommand, ContenderReport } from './contender.ts'

const program = fileURLToPath(new URL('./contender-program.ts', import.meta.url))

/**
 * A contender in a process of its own, so that neither side of a comparison pays for the heap, the compiled code and
 * the patched prototypes of the other.
 */
export class ContenderProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #gone = new AbortController()

  private constructor(module: URL, args: readonly string[], execArgv: readonly string[]) {
    this.#child = fork(program, [module.href, ...args], { execArgv: [...execArgv] })
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        this.#gone.abort(new Error(`${module.pathname} ended with code ${code}`))
        resolve()
      })
    })
  }

  /** @param execArgv options of Node */
  static async start(module: URL, args: readonly string[] = [], execArgv: readonly string[] = []) {
    const contender = new ContenderProcess(module, args, execArgv)
    await contender.#next()
    return contender
  }

  async measure(measure: string, forMs: number): Promise<number> {
    this.#tell({ measure, forMs })
    const report = await this.#next()
    if ('measured' in report) return report.measured
    throw new Error(`${measure} was not answered with a number`)
  }

  async stop(): Promise<void> {
    this.#tell('stop')
    await this.#exited
  }

  #tell(command: ContenderCommand): void {
    this.#child.send(command)
  }

  /** @throws Error when the process has ended */
  async #next(): Promise<ContenderReport> {
    const [report] = (await once(this.#child, 'message', { signal: this.#gone.signal })) as [ContenderReport]
    return report
  }
}
