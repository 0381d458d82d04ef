import { serveWindow } from '../../supervisor/browser/window-server.ts'
import { ensureWindowIsBuilt, windowFolder } from '../../supervisor/window-build.ts'
import { FakeHost } from '../support/fake-host.ts'
import { launchBrowser, Window } from '../support/window.ts'
import { figure, percentile, report, type Report } from './figures.ts'

const messages = 100_000
const rounds = 5
/** Frames in which the view is dragged from the newest message to the first. */
const steps = 120
/** What browsers call a long task, ms: https://www.w3.org/TR/longtasks-1/ */
const longTaskMs = 50

/** As much of the page as is used: the code that uses it runs there. */
interface Scroller {
  scrollTop: number
  readonly scrollHeight: number
}
declare const requestAnimationFrame: (then: (at: number) => void) => void
declare const PerformanceObserver: {
  new (handler: (list: { getEntries(): { duration: number }[] }) => void): {
    observe(options: { type: string }): void
    disconnect(): void
  }
}

/** The real window in a headless browser, before a host that answers from memory: a drag through a long channel. */
export async function run(): Promise<Report> {
  const browser = await launchBrowser()
  if (!browser) throw new Error('There is no Chrome, Chromium or Edge on this machine.')
  await ensureWindowIsBuilt(console.log)
  const frames: number[] = []
  const tasks: number[][] = []
  for (let round = 0; round < rounds; round++) {
    const host = new FakeHost({ head: messages })
    const server = await serveWindow(host.bridge, windowFolder)
    const { page } = await Window.open(browser, server.freshAddress())
    await page.locator(`li[data-seq="${messages}"]`).waitFor()
    const scroller = page.getByRole('region', { name: 'Messages in #general' })
    const drag = await scroller.evaluate(dragUp, steps)
    frames.push(...drag.frames)
    tasks.push(drag.tasks)
    await page.context().close()
    await server.stop()
  }
  await browser.close()
  const longest = tasks.map((round) => Math.max(0, ...round))
  return report('window', [
    figure('drag_frame_p50_ms', percentile(frames, 0.5), 'ms'),
    figure('drag_frame_p99_ms', percentile(frames, 0.99), 'ms'),
    figure('drag_longest_task_ms', percentile(longest, 0.5), `ms (0: none of ${longTaskMs} ms or more)`),
  ])
}

/** Runs in the page. */
async function dragUp(element: Scroller, count: number): Promise<{ frames: number[]; tasks: number[] }> {
  const tasks: number[] = []
  const frames: number[] = []
  const observer = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))),
  )
  observer.observe({ type: 'longtask' })
  const from = element.scrollHeight
  let before = 0
  for (let step = 1; step <= count; step++) {
    element.scrollTop = from * (1 - step / count)
    const at = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
    if (before > 0) frames.push(at - before)
    before = at
  }
  observer.disconnect()
  return { frames, tasks }
}
