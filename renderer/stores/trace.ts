import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { MessageView } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { useLayout } from './layout.ts'
import { mirror } from './mirror.ts'

/** What happened to one message on its way. */
export const useTrace = defineStore('trace', () => {
  const bridge = useBridge()
  const layout = useLayout()
  const message = shallowRef<MessageView>()
  const { value, failure, refresh, forget } = mirror(async () =>
    message.value ? bridge.invoke('messages.trace', { id: message.value.id }) : [],
  )
  /** Whether nothing more will happen to it. */
  const ended = computed(
    () => value.value?.some(({ stage }) => stage === 'shown') === true && message.value?.seq !== null,
  )

  function show(shown: MessageView): void {
    if (message.value?.id !== shown.id) forget()
    message.value = shown
    layout.open('trace')
    void refresh()
  }

  function hear(messages: readonly MessageView[]): void {
    const news = messages.find(({ id }) => id === message.value?.id)
    if (!news) return
    message.value = news
    if (layout.pane === 'trace') void refresh()
  }

  return { message, steps: value, failure, ended, show, hear, refresh }
})
