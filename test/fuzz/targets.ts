import { askFrames } from './ask-frames.ts'
import { byteWires } from './byte-wires.ts'
import { historyPages } from './history-pages.ts'
import { httpBodies } from './http-bodies.ts'
import { jsonWires } from './json-wires.ts'
import type { Target } from './target.ts'

/** Every reader that faces a wire. */
export async function allTargets(): Promise<Target[]> {
  return [...byteWires, ...jsonWires, historyPages(), await httpBodies(), askFrames]
}
