/** In a storm actors die more often than in any life; a hang is to be found while there is still time. */
export const supervision = {
  intensity: { max: 100_000, periodMs: 60_000 },
  backoff: { firstMs: 10, maxMs: 200, calmMs: 1_000 },
  overrides: Object.fromEntries(
    ['crypto', 'link', 'blocks', 'p2p', 'chat', 'auth', 'sequencer', 'signaling'].map((name) => [
      name,
      // A heap limit is what contains "out of memory".
      { hangMs: 1_500, heapMb: 192 },
    ]),
  ),
}
