import { watch } from 'vue'
import { useBridge } from '../bridge/current.ts'
import { useActors } from './actors.ts'
import { useChannels } from './channels.ts'
import { useComparisons } from './comparisons.ts'
import { useConnection } from './connection.ts'
import { useKeyChanges } from './keys.ts'
import { useLayout } from './layout.ts'
import { useLink } from './link.ts'
import { useMessages } from './messages.ts'
import { useOutbox } from './outbox.ts'
import { usePeers } from './peers.ts'
import { useSession } from './session.ts'
import { useTrace } from './trace.ts'

/** Asks before a page is closed that holds what nobody else has. Electron would not ask but refuse, so not there. */
function guardUnkept(outbox: ReturnType<typeof useOutbox>): void {
  if (window.united) return
  window.addEventListener('beforeunload', (event) => {
    if (outbox.items.size > 0) event.preventDefault()
  })
}

/** Joins the stores to the bridge: events flow in, and everything is asked anew after a gap. */
export function startStores(): void {
  const bridge = useBridge()
  const connection = useConnection()
  const session = useSession()
  const channels = useChannels()
  const messages = useMessages()
  const outbox = useOutbox()
  const actors = useActors()
  const link = useLink()
  const peers = usePeers()
  const layout = useLayout()
  const trace = useTrace()
  const keys = useKeyChanges()
  const comparisons = useComparisons()

  guardUnkept(outbox)
  bridge.on('session', session.hear)
  bridge.on('channels', channels.hear)
  bridge.on('messages', (news) => {
    messages.hear(news)
    trace.hear(news)
    for (const message of news) outbox.notice(message)
  })
  bridge.on('reopened', () => {
    if (!session.account) return
    void channels.refresh()
    void keys.refresh()
    messages.reopen(channels.shown?.id)
  })
  bridge.on('keyChanges', keys.hear)
  bridge.on('link', link.hear)
  bridge.on('peers', peers.hear)
  bridge.on('actors', actors.hear)

  bridge.onConnection((connected) => {
    connection.hear(connected)
    if (!connected) return
    void session.refresh()
    void actors.refresh()
    void link.refresh()
    if (session.account) refreshAccount()
  })

  function refreshAccount(): void {
    void channels.refresh()
    void peers.refresh()
    void keys.refresh()
    messages.reopen(channels.shown?.id)
  }

  watch(
    () => session.account?.id,
    (id) => {
      channels.forget()
      messages.forget()
      peers.forget()
      keys.forget()
      comparisons.forget()
      layout.closeAll()
      if (id === undefined) return
      refreshAccount()
      outbox.resume()
    },
    // Before anything else of the new session is handled: its first events may follow at once.
    { flush: 'sync' },
  )

  watch(
    () => channels.shown?.id,
    (id) => {
      if (id === undefined) return
      channels.show(id)
    },
  )
}
