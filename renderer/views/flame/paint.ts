import type { FlameFrame } from '../../../shared/bridge.ts'

/** Files that have a colour of their own; the rest share one. */
const ownColours = 6

export interface Swatch {
  /** The class that colours a frame. */
  readonly paint: string
  readonly label: string
  readonly selfMs: number
}

export interface Paints {
  of(frame: FlameFrame): string
  /** What the colours mean, most time first; the rest last. */
  readonly legend: readonly Swatch[]
}

const native = { paint: 'native', label: 'V8 and native code' }
const garbage = { paint: 'garbage', label: 'Garbage collection' }
const node = { paint: 'node', label: 'Node.js' }
const other = { paint: 'other', label: 'Other files' }

/** Colours by file: those that take the most time get one each. */
export function paintsOf(frames: readonly FlameFrame[]): Paints {
  const selfMs = new Map<string, number>()
  for (const frame of frames) {
    const source = sourceOf(frame)
    selfMs.set(source, (selfMs.get(source) ?? 0) + frame.selfMs)
  }
  const files = [...selfMs]
    .filter(([source]) => !fixed.has(source))
    .sort(([, a], [, b]) => b - a)
    .slice(0, ownColours)
  const own = new Map(files.map(([file], index) => [file, { paint: `file-${index}`, label: file }]))
  const kindOf = (source: string) => fixed.get(source) ?? own.get(source) ?? other

  const swatches = new Map<string, Swatch>()
  for (const [source, ms] of selfMs) {
    const { paint, label } = kindOf(source)
    swatches.set(paint, { paint, label, selfMs: (swatches.get(paint)?.selfMs ?? 0) + ms })
  }
  return {
    of: (frame) => kindOf(sourceOf(frame)).paint,
    legend: [...swatches.values()]
      .filter((swatch) => swatch.selfMs > 0)
      .sort(
        (a, b) => Number(a.paint === other.paint) - Number(b.paint === other.paint) || b.selfMs - a.selfMs,
      ),
  }
}

const fixed: ReadonlyMap<string, { paint: string; label: string }> = new Map([
  ['', native],
  ['(garbage collector)', garbage],
  ['node', node],
])

/** The file of a frame. Node's own parts have a name without an ending; what is V8's own has none. */
function sourceOf({ name, place }: FlameFrame): string {
  if (place === '') return name === garbageCollector ? garbageCollector : ''
  const file = place.replace(/:\d+$/, '')
  return /\.[cm]?[jt]s$/.test(file) ? file : 'node'
}

const garbageCollector = '(garbage collector)'
