import { shallowRef, type ShallowRef } from 'vue'
import { errorMessage } from '../../shared/errors.ts'
import { Backoff } from '../bridge/backoff.ts'
import { isTransient } from '../bridge/transient.ts'

export interface Mirror<T> {
  /** Undefined until the host has told it. */
  value: ShallowRef<T | undefined>
  /** Why the host would not tell it, in words. */
  failure: ShallowRef<string | undefined>
  /** Takes what an event says. */
  hear: (value: T) => void
  /** Asks the host, until it answers or says that it never will. */
  refresh: () => Promise<void>
  forget: () => void
}

/** State of the host that is told whole, both when it changes and when it is asked for. */
export function mirror<T>(ask: () => Promise<T>): Mirror<T> {
  const value: ShallowRef<T | undefined> = shallowRef()
  const failure = shallowRef<string>()
  /** Grows with each thing that makes an answer under way out of date. */
  let turn = 0

  function hear(heard: T): void {
    turn += 1
    value.value = heard
    failure.value = undefined
  }

  async function refresh(): Promise<void> {
    turn += 1
    const mine = turn
    const backoff = new Backoff({ first: 200, most: 2_000 })
    while (turn === mine) {
      try {
        const answer = await ask()
        // An event that came meanwhile is newer than this answer.
        if (turn === mine) hear(answer)
        return
      } catch (error) {
        if (turn !== mine) return
        if (!isTransient(error)) {
          failure.value = errorMessage(error)
          return
        }
        await new Promise((resolve) => setTimeout(resolve, backoff.next()))
      }
    }
  }

  function forget(): void {
    turn += 1
    value.value = undefined
    failure.value = undefined
  }

  return { value, failure, hear, refresh, forget }
}
