import { computed, onScopeDispose, watchEffect } from 'vue'
import { useChannels } from '../../stores/channels.ts'

/** Names the shown channel in the window's title, and how much is unread elsewhere. */
export function useWindowTitle(): void {
  const channels = useChannels()
  const unread = computed(() => [...channels.unread.values()].reduce((sum, ids) => sum + ids.size, 0))
  watchEffect(() => {
    const place = channels.shown ? `#${channels.shown.name} · UNITED` : 'UNITED'
    document.title = unread.value > 0 ? `(${unread.value}) ${place}` : place
  })
  onScopeDispose(() => (document.title = 'UNITED'))
}
