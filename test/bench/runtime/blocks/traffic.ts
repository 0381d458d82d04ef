/** What goes between two threads: blocks of this size, each moved there and back, so that none is allocated anew. */
export const blockBytes = 256 * 1024
/** Blocks that are under way at a time. */
export const blocksInFlight = 8

/** @param pass moves a block to the other thread and resolves with it when it is back. @returns blocks per second */
export async function blocksPerSecond(
  pass: (block: ArrayBuffer) => Promise<ArrayBuffer>,
  forMs: number,
): Promise<number> {
  const from = performance.now()
  let passed = 0
  const passer = async () => {
    let block = new ArrayBuffer(blockBytes)
    while (performance.now() - from < forMs) {
      block = await pass(block)
      if (block.byteLength !== blockBytes) throw new Error(`a block came back with ${block.byteLength} bytes`)
      passed++
    }
  }
  await Promise.all(Array.from({ length: blocksInFlight }, passer))
  return (passed * 1000) / (performance.now() - from)
}
