import { onScopeDispose } from 'vue'

const periodMs = 1_000

/**
 * Does `work` at once and then once per second, for as long as its caller is there and the window is looked at. It
 * waits for work that takes longer.
 *
 * @param work never rejects
 */
export function everySecond(work: () => Promise<unknown>): void {
  let ended = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function turn(): Promise<void> {
    const began = performance.now()
    if (!document.hidden) await work()
    if (ended) return
    timer = setTimeout(() => void turn(), Math.max(0, periodMs - (performance.now() - began)))
  }

  void turn()
  onScopeDispose(() => {
    ended = true
    clearTimeout(timer)
  })
}
