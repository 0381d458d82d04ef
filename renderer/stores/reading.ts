import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { MessageView } from '../../shared/bridge.ts'
import { limits } from '../../shared/limits.ts'
import { useBridge } from '../bridge/current.ts'
import { isTransient } from '../bridge/transient.ts'
import { useAttention } from '../components/attention.ts'
import { useChannels } from './channels.ts'
import { SeenMessages } from './seen-messages.ts'
import { unreadLine } from './unread-line.ts'

/** What is on the screen this long, in ms, was seen; the host is told as often at most. */
const glance = 800

/** How far the shown channel was read. */
export const useReading = defineStore('reading', () => {
  const bridge = useBridge()
  const channels = useChannels()
  const here = useAttention()
  /** Whether the newest messages are what is looked at. */
  const atEnd = shallowRef(true)
  const looking = computed(() => here.value && atEnd.value)
  /** The place above which the line "new" is drawn; null for none. */
  const line = shallowRef<number | null>(null)

  let onScreen: readonly MessageView[] = []
  /** When each of these came on the screen, ms since the epoch, by id. */
  let since = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const seen = new SeenMessages()

  watch(
    [() => channels.shown?.id, () => channels.shown?.read, () => channels.shown?.unread, here, atEnd],
    ([id], [before]) => {
      const { read, unread } = channels.shown ?? { read: 0, unread: 0 }
      const another = id !== before
      if (another) {
        onScreen = []
        atEnd.value = false
      }
      line.value = another
        ? unreadLine(null, { read, unread, here: false, atEnd: false })
        : unreadLine(line.value, { read, unread, here: here.value, atEnd: atEnd.value })
    },
  )
  watch(here, lookSoon)

  /** These messages are on the screen now. */
  function show(messages: readonly MessageView[]): void {
    const now = Date.now()
    onScreen = messages
    since = new Map(messages.map(({ id }) => [id, since.get(id) ?? now]))
    lookSoon()
  }

  function lookSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      look()
    }, glance)
  }

  /** Whatever flew past since the last look is not on the screen any more, and was not seen. */
  function look(): void {
    if (document.visibilityState !== 'visible') return
    const firstSeen = seen.firstSeen(onScreen)
    for (const [at, ids] of Map.groupBy(firstSeen, (id) => since.get(id) ?? Date.now()))
      void tellShown(ids, at)
    const channel = channels.shown
    if (!here.value || !channel) return
    const seq = seen.readUpTo(onScreen, channel)
    if (seq !== undefined) void markRead(channel.id, seq)
  }

  /** No screen shows more messages than may be told at once. */
  async function tellShown(ids: string[], at: number): Promise<void> {
    if (!(await tell(() => bridge.invoke('messages.shown', { ids: ids.slice(0, limits.historyPage), at }))))
      seen.forget(ids)
  }

  async function markRead(channel: string, seq: number): Promise<void> {
    if (!(await tell(() => bridge.invoke('channels.read', { channel, seq })))) seen.unread(channel)
  }

  /** @returns whether the host took it; where it will in a moment, it is told again */
  async function tell(say: () => Promise<unknown>): Promise<boolean> {
    try {
      await say()
      return true
    } catch (error) {
      if (isTransient(error)) lookSoon()
      else console.error('The host was not told what was seen:', error)
      return false
    }
  }

  /** Everything in the shown channel counts as read. */
  function markAllRead(): void {
    const channel = channels.shown
    if (!channel) return
    line.value = null
    if (channel.unread > 0) void markRead(channel.id, channel.head)
  }

  return { here, atEnd, looking, line, show, markAllRead }
})
