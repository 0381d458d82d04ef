import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Flame } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { useBridge } from '../bridge/current.ts'
import { useLayout } from './layout.ts'

interface Run {
  readonly actor: string
  readonly seconds: number
  /** By `performance.now()`. */
  readonly startedAt: number
  readonly flames: Promise<readonly Flame[]>
}

/** What is known of the profile that is shown. */
export type Profile =
  | { phase: 'running'; actor: string; seconds: number; startedAt: number }
  | { phase: 'done'; actor: string; seconds: number; flames: readonly Flame[] }
  | { phase: 'failed'; actor: string; seconds: number; reason: string }

/** Where an actor spends its time, measured when it is asked for. */
export const useProfiles = defineStore('profiles', () => {
  const bridge = useBridge()
  const layout = useLayout()
  const shown = shallowRef<Profile>()
  /** An actor is profiled once at a time; whoever asks again meanwhile is shown the same. */
  const running = new Map<string, Run>()

  function begin(actor: string, seconds: number): Run {
    const flames = bridge
      .invoke('actors.profile', { name: actor, seconds })
      .finally(() => running.delete(actor))
    const run: Run = { actor, seconds, startedAt: performance.now(), flames }
    running.set(actor, run)
    return run
  }

  async function profile(name: string, wanted: number): Promise<void> {
    layout.ask('flame')
    const { actor, seconds, startedAt, flames } = running.get(name) ?? begin(name, wanted)
    const mine: Profile = { phase: 'running', actor, seconds, startedAt }
    shown.value = mine
    const say = (outcome: Profile) => {
      if (shown.value === mine) shown.value = outcome
    }
    try {
      say({ phase: 'done', actor, seconds, flames: await flames })
    } catch (error) {
      say({ phase: 'failed', actor, seconds, reason: errorMessage(error) })
    }
  }

  return { shown, profile }
})
