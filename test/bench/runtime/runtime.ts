import { beside, percentile, report, type Figure, type Report } from '../figures.ts'
import { erlangIsInstalled } from './calls/erlang.ts'
import { ContenderProcess } from './contender-process.ts'
import { medianOf, takeTurns } from './turns.ts'

/**
 * What the runtime costs beside what it is made of, and beside other runtimes. Every side of every comparison is a
 * process of its own; the sides take turns, round by round, and each figure is the median over the rounds.
 */
export async function run(): Promise<Report> {
  return report('runtime', [...(await calls()), ...(await blocks()), await idleMemory(), await sampling()])
}

/** Calls and sends between the main thread and a worker. */
async function calls(): Promise<Figure[]> {
  const united = await ContenderProcess.start(new URL('./calls/united.ts', import.meta.url))
  const comlink = await ContenderProcess.start(new URL('./calls/comlink.ts', import.meta.url))
  const comedy = await ContenderProcess.start(new URL('./calls/comedy.ts', import.meta.url))
  const raw = await ContenderProcess.start(new URL('./calls/raw.ts', import.meta.url))

  const many = await takeTurns({ united, comlink, comedy }, 'calls')
  const ours = medianOf(many, 'united')
  const figures = [
    beside('calls_per_s', ours, 'calls/s', medianOf(many, 'comlink'), 'plain Comlink'),
    beside('calls_per_s_comedy', ours, 'calls/s', medianOf(many, 'comedy'), 'Comedy 2.1.7'),
    ...(await besideErlang(united)),
  ]
  const single = await takeTurns({ united, raw }, 'oneCall')
  figures.push(
    beside('call_p50_us', medianOf(single, 'united'), 'us', medianOf(single, 'raw'), 'postMessage'),
  )
  const sends = await takeTurns({ united, raw }, 'sends')
  figures.push(
    beside('sends_per_s', medianOf(sends, 'united'), 'sends/s', medianOf(sends, 'raw'), 'postMessage'),
  )
  for (const contender of [united, comlink, comedy, raw]) await contender.stop()
  return figures
}

async function besideErlang(united: ContenderProcess): Promise<Figure[]> {
  if (!erlangIsInstalled()) {
    console.log('skipped: erl is not installed')
    return []
  }
  const erlang = await ContenderProcess.start(new URL('./calls/erlang.ts', import.meta.url))
  const rows = await takeTurns({ united, erlang }, 'calls')
  await erlang.stop()
  return [
    beside(
      'calls_per_s_erlang',
      medianOf(rows, 'united'),
      'calls/s',
      medianOf(rows, 'erlang'),
      'gen_server:call',
    ),
  ]
}

/** 256 KiB, moved between two workers: filled and sent one way, and the same few to and fro. */
async function blocks(): Promise<Figure[]> {
  const united = await ContenderProcess.start(new URL('./blocks/united.ts', import.meta.url))
  const raw = await ContenderProcess.start(new URL('./blocks/raw.ts', import.meta.url))
  const figures: Figure[] = []
  for (const [measure, name] of [
    ['blocks', 'blocks_per_s'],
    ['fewBlocks', 'blocks_8_in_flight_per_s'],
    ['bounces', 'bounces_per_s'],
  ] as const) {
    const rows = await takeTurns({ united, raw }, measure)
    figures.push(beside(name, medianOf(rows, 'united'), 'blocks/s', medianOf(rows, 'raw'), 'postMessage'))
  }
  await united.stop()
  await raw.stop()
  return figures
}

/**
 * What a waiting actor adds to the memory of its process; each round in processes of its own. The first is not counted:
 * code that is not in Node's cache yet is compiled by something large that stays in every thread.
 */
async function idleMemory(): Promise<Figure> {
  const rows: { united: number; bare: number }[] = []
  const mb = async (module: URL) => {
    const contender = await ContenderProcess.start(module, [], ['--expose-gc'])
    const measured = await contender.measure('idle', 0)
    await contender.stop()
    return measured
  }
  for (let round = 0; round < 3; round++) {
    const row = {
      united: await mb(new URL('./idle/united.ts', import.meta.url)),
      bare: await mb(new URL('./idle/bare.ts', import.meta.url)),
    }
    if (round > 0) rows.push(row)
  }
  return beside('idle_actor_mb', medianOf(rows, 'united'), 'MB', medianOf(rows, 'bare'), 'bare Worker')
}

/**
 * What sampling every second adds under a steady load: the median of the differences between neighbouring rounds. The
 * same program twice differs as much, by where its threads happen to lie, so several pairs are started.
 */
async function sampling(): Promise<Figure> {
  const load = new URL('./sampling/paced-load.ts', import.meta.url)
  const rows: { on: number; off: number }[] = []
  for (let pair = 0; pair < 3; pair++) {
    const on = await ContenderProcess.start(load, ['on'])
    const off = await ContenderProcess.start(load, ['off'])
    rows.push(...(await takeTurns({ on, off }, 'cpu', { warmUpRounds: 1, rounds: 4, forMs: 1000 })))
    await on.stop()
    await off.stop()
  }
  const added = percentile(
    rows.map((row) => row.on - row.off),
    0.5,
  )
  return beside('sampling_cpu_percent', added, '%', medianOf(rows, 'off'), 'without sampling')
}
