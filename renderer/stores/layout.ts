import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'

export type Pane = 'actors' | 'peers' | 'channel' | 'trace'
export type Dialog = 'create-channel' | 'switcher' | 'keys' | 'flame' | 'recording' | 'dead-letters'

/** What is open around the messages: at most one pane and one dialog. */
export const useLayout = defineStore('layout', () => {
  const pane = shallowRef<Pane>()
  const dialog = shallowRef<Dialog>()
  /** The channel list, where it is a sheet. */
  const channelSheet = shallowRef(false)

  /** Actors whose details are open. */
  const openActors = shallowReactive(new Set<string>())

  /** What the focus goes back to when the pane is closed. */
  let opener: Element | null = null

  function open(which: Pane): void {
    opener = document.activeElement
    pane.value = which
    channelSheet.value = false
  }

  function toggle(which: Pane): void {
    if (pane.value === which) closePane()
    else open(which)
  }

  function closePane(): void {
    const hadFocus = document.activeElement?.closest('aside')
    pane.value = undefined
    if (hadFocus && opener instanceof HTMLElement && opener.isConnected) opener.focus()
  }

  function toggleActor(name: string): void {
    if (!openActors.delete(name)) openActors.add(name)
  }

  function ask(which: Dialog): void {
    dialog.value = which
    channelSheet.value = false
  }

  function closeAll(): void {
    pane.value = undefined
    dialog.value = undefined
    channelSheet.value = false
  }

  return { pane, dialog, channelSheet, openActors, open, toggle, closePane, toggleActor, ask, closeAll }
})
