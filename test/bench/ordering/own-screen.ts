import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from 'uuidv7'
import { startWorld } from '../../support/world.ts'
import { figure, percentile, type Figure } from '../figures.ts'

const warmUp = 100
const messages = 500
/** Faster than anybody writes, slower than a flood, ms. */
const everyMs = 20

/** From the call of `chat.send` to the event that brings the message to the window of whoever wrote it. */
export async function ownScreen(): Promise<Figure[]> {
  const world = await startWorld({ serverProcess: true })
  const alice = await world.join('alice')
  await alice.online()
  const { id: channel } = await alice.chat.call.createChannel({ name: 'bench', topic: '' })
  const shownAt = new Map<string, (at: number) => void>()
  alice.chat.on('messages', (views) => {
    const at = performance.now()
    for (const { id } of views) shownAt.get(id)?.(at)
  })
  const took: number[] = []
  for (let n = 0; n < warmUp + messages; n++) {
    const id = uuidv7()
    const shown = new Promise<number>((resolve) => shownAt.set(id, resolve))
    const from = performance.now()
    await alice.chat.call.send({ id, channel, text: 'how long until I see this?' })
    const ms = (await shown) - from
    shownAt.delete(id)
    if (n >= warmUp) took.push(ms)
    await sleep(everyMs)
  }
  await world.stop()
  return [
    figure('own_screen_p50_ms', percentile(took, 0.5), 'ms'),
    figure('own_screen_p99_ms', percentile(took, 0.99), 'ms'),
  ]
}
