import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { RecordingView } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { useBridge } from '../bridge/current.ts'
import { useLayout } from './layout.ts'

export interface Reading {
  actor: string
  /** When it was read, ms since the epoch. */
  at: number
  /** The life that ended last, if any, then the present one. */
  lives: readonly RecordingView[]
}

/** What the flight recorder of one actor holds. Read once, when it is asked for: a moving list cannot be read. */
export const useRecordings = defineStore('recordings', () => {
  const bridge = useBridge()
  const layout = useLayout()
  const actor = shallowRef('')
  const reading = shallowRef<Reading>()
  const failure = shallowRef('')

  async function read(): Promise<void> {
    const name = actor.value
    failure.value = ''
    try {
      const lives = await bridge.invoke('actors.recording', { name })
      if (actor.value === name) reading.value = { actor: name, at: Date.now(), lives: inOrder(lives) }
    } catch (error) {
      if (actor.value === name) failure.value = errorMessage(error)
    }
  }

  function show(name: string): void {
    actor.value = name
    reading.value = undefined
    layout.ask('recording')
    void read()
  }

  return { actor, reading, failure, read, show }
})

/** An actor that is down is told of twice, as dead and as what there is of it: nothing. */
function inOrder(lives: readonly RecordingView[]): RecordingView[] {
  return lives
    .filter(
      ({ incarnation, death }) =>
        death !== null || !lives.some((other) => other.death !== null && other.incarnation === incarnation),
    )
    .toSorted((a, b) => a.incarnation - b.incarnation)
}
