import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { BridgeParams, ChannelView } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

function liveliest(channels: readonly ChannelView[]): ChannelView | undefined {
  return channels.toSorted((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0))[0]
}

/** The channels of the server, and which of them is shown. */
export const useChannels = defineStore('channels', () => {
  const bridge = useBridge()
  const {
    value,
    failure,
    hear,
    refresh,
    forget: forgetList,
  } = mirror(() => bridge.invoke('channels.list', {}))

  const all = computed(() => (value.value ?? []).toSorted((a, b) => byName.compare(a.name, b.name)))
  const loaded = computed(() => value.value !== undefined)
  const mine = computed(() => all.value.filter((channel) => channel.member))
  const others = computed(() => all.value.filter((channel) => !channel.member))
  /** This account's messages that wait for the server, in all channels. */
  const pending = computed(() => all.value.reduce((sum, channel) => sum + channel.pending, 0))

  const chosen = shallowRef<string>()
  /** The chosen one; where none is chosen yet, the one where somebody spoke last. */
  const shown = computed(
    () => mine.value.find((channel) => channel.id === chosen.value) ?? liveliest(mine.value),
  )

  function show(id: string): void {
    chosen.value = id
  }

  /** Shows the channel that is `by` places further down the list. */
  function step(by: 1 | -1): void {
    const at = mine.value.findIndex((channel) => channel.id === shown.value?.id)
    const next = mine.value.at((at + by) % mine.value.length)
    if (next) show(next.id)
  }

  /** Puts one channel in its place without waiting for the event that tells the whole list. */
  function take(channel: ChannelView): void {
    if (value.value) hear([...value.value.filter(({ id }) => id !== channel.id), channel])
    else void refresh()
    show(channel.id)
  }

  async function create(params: BridgeParams<'channels.create'>): Promise<void> {
    take(await bridge.invoke('channels.create', params))
  }

  async function join(channel: string): Promise<void> {
    take(await bridge.invoke('channels.join', { channel }))
  }

  function forget(): void {
    forgetList()
    chosen.value = undefined
  }

  return {
    all,
    loaded,
    failure,
    mine,
    others,
    pending,
    shown,
    hear,
    refresh,
    show,
    step,
    create,
    join,
    forget,
  }
})
