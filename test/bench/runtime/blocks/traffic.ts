/** What goes between two threads: blocks of this size. */
export const blockBytes = 256 * 1024
/** Blocks under way at a time where it is to show how long one takes. */
export const few = 8

/**
 * Blocks as a store sends them: each was just filled, and goes one way.
 * @param take moves a block to the other thread and resolves with its length when it is there
 * @param inFlight how many are under way: few show how long one takes, many how much goes through
 * @returns blocks per second
 */
export async function blocksPerSecond(
  take: (block: ArrayBuffer) => Promise<number>,
  inFlight: number,
  forMs: number,
): Promise<number> {
  const from = performance.now()
  let taken = 0
  const taker = async () => {
    while (performance.now() - from < forMs) {
      const length = await take(new Uint8Array(blockBytes).fill(taken).buffer)
      if (length !== blockBytes) throw new Error(`a block arrived with ${length} bytes`)
      taken++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, taker))
  return (taken * 1000) / (performance.now() - from)
}

/**
 * The same few blocks to and fro, so that nothing but the passing takes time.
 * @param pass moves a block to the other thread and resolves with it when it is back
 * @returns blocks per second, each counted once
 */
export async function bouncesPerSecond(
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
  await Promise.all(Array.from({ length: few }, passer))
  return (passed * 1000) / (performance.now() - from)
}
