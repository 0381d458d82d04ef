import { defineStore } from 'pinia'
import { computed, shallowReactive, shallowRef } from 'vue'
import type { BridgeParams, ChannelView, MessageView } from '../../shared/bridge.ts'
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

  /** Ids of the messages that came to a channel while another one was shown. The host keeps no such marks yet. */
  const unread = shallowReactive(new Map<string, ReadonlySet<string>>())
  let unreadSince = Date.now()

  function show(id: string): void {
    chosen.value = id
    unread.delete(id)
  }

  /** Shows the channel that is `by` places further down the list. */
  function step(by: 1 | -1): void {
    const at = mine.value.findIndex((channel) => channel.id === shown.value?.id)
    const next = mine.value.at((at + by) % mine.value.length)
    if (next) show(next.id)
  }

  function noticeMessage(message: MessageView): void {
    if (message.mine || message.at < unreadSince || message.channel === shown.value?.id) return
    unread.set(message.channel, new Set(unread.get(message.channel)).add(message.id))
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
    unread.clear()
    unreadSince = Date.now()
  }

  return {
    all,
    loaded,
    failure,
    mine,
    others,
    pending,
    shown,
    unread,
    hear,
    refresh,
    show,
    step,
    noticeMessage,
    create,
    join,
    forget,
  }
})
