import { computed, onScopeDispose, watchEffect } from 'vue'
import { useChannels } from '../../stores/channels.ts'
import { useReading } from '../../stores/reading.ts'

/** Names the shown channel in the window's title, and how much is unread. */
export function useWindowTitle(): void {
  const channels = useChannels()
  const reading = useReading()
  const unread = computed(() =>
    channels.mine
      .filter(({ id }) => !reading.looking || id !== channels.shown?.id)
      .reduce((sum, channel) => sum + channel.unread, 0),
  )
  watchEffect(() => {
    const place = channels.shown ? `#${channels.shown.name} · UNITED` : 'UNITED'
    document.title = unread.value > 0 ? `(${unread.value}) ${place}` : place
  })
  onScopeDispose(() => (document.title = 'UNITED'))
}
