import { rowElements, type RowPositions } from './row-elements.ts'

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

/** Whether rows that are in both lists have changed places with each other. Mere additions do not count. */
export function reordered(before: readonly { key: string }[], after: readonly { key: string }[]): boolean {
  const keysAfter = new Set(after.map(({ key }) => key))
  const keysBefore = new Set(before.map(({ key }) => key))
  const stayed = before.filter(({ key }) => keysAfter.has(key))
  const same = after.filter(({ key }) => keysBefore.has(key))
  return stayed.some(({ key }, at) => same[at]?.key !== key)
}

/** Lets each row slide from where it was to where it is now. */
export function slide(list: HTMLElement, from: RowPositions): void {
  if (reducedMotion.matches) return
  const { top, bottom } = list.getBoundingClientRect()
  for (const [key, row] of rowElements(list)) {
    const was = from.get(key)
    if (was === undefined) continue
    const box = row.getBoundingClientRect()
    const by = was - box.top
    const inSight = Math.max(box.bottom, box.bottom + by) > top && Math.min(box.top, was) < bottom
    if (Math.abs(by) < 1 || !inSight) continue
    row.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], {
      duration: 150,
      easing: 'ease-out',
    })
  }
}
