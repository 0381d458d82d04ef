import { sayBusy } from './busy.ts'

interface Link {
  next: Link | undefined
}

let chain: Link | undefined
for (let length = 0; length < 2 ** 25; length++) chain = { next: chain }
sayBusy()
// Held until the thread ends.
setInterval(() => chain, 60_000)
