import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The server as it is, which also says how much memory it has after a garbage collection. */
export type ServerCommand = { do: 'collect' }
export type ServerReport = { url: string } | { rssKb: number }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

process.on('message', (command: ServerCommand) => {
  if (command.do !== 'collect') return
  collect()
  // What a collection frees goes back to the system a moment later.
  setTimeout(() => {
    collect()
    process.send?.({ rssKb: Math.round(process.memoryUsage.rss() / 1024) } satisfies ServerReport)
  }, 500)
})
await import('../../../server/main.ts')
