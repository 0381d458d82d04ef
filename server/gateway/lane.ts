/** Runs one piece of work at a time, in the order given. */
export class Lane {
  #last: Promise<void> = Promise.resolve()

  /** @param work must not reject */
  run(work: () => Promise<void>): void {
    this.#last = this.#last.then(work)
  }
}
