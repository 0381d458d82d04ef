import { onScopeDispose } from 'vue'
import { useChannels } from '../../stores/channels.ts'
import { useLayout } from '../../stores/layout.ts'
import { useReading } from '../../stores/reading.ts'

/** The keys that work everywhere in the main window. `key-list.vue` tells them to people. */
export function useKeys(): void {
  const channels = useChannels()
  const layout = useLayout()
  const reading = useReading()

  function handle(event: KeyboardEvent): void {
    if (event.isComposing) return
    const { key, altKey } = event
    const command = event.ctrlKey || event.metaKey
    if (command && !altKey && key.toLowerCase() === 'k') {
      event.preventDefault()
      layout.dialog = layout.dialog === 'switcher' ? undefined : 'switcher'
    } else if (layout.dialog !== undefined || somethingFloats()) {
      // Everything else belongs to what lies on top.
    } else if (altKey && !command && (key === 'ArrowUp' || key === 'ArrowDown')) {
      event.preventDefault()
      channels.step(key === 'ArrowUp' ? -1 : 1)
    } else if (key === 'Escape') {
      if (layout.pane !== undefined) layout.closePane()
      else reading.markAllRead()
    } else if (key === '?' && !isTyping(event.target)) {
      event.preventDefault()
      layout.ask('keys')
    }
  }

  // Captured, so that it is decided before an open dialog closes itself on the same Esc.
  window.addEventListener('keydown', handle, { capture: true })
  onScopeDispose(() => {
    window.removeEventListener('keydown', handle, { capture: true })
  })
}

function somethingFloats(): boolean {
  return document.querySelector('[role="menu"], [role="dialog"]') !== null
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]')
}
