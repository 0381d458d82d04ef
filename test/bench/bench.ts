import { parseArgs } from 'node:util'
import { print, type Report } from './figures.ts'

/** What can be measured: a line for people, and the module whose `run` does it. */
const benches: Record<string, { about: string; load(): Promise<{ run(): Promise<Report> }> }> = {
  gossip: {
    about: "a message from the sender's call to the receiver's event, beside bare gossipsub",
    load: () => import('./gossip.ts'),
  },
  ordering: {
    about: 'messages through the server: sequenced, told to 200, read back, beside bare SQLite',
    load: () => import('./ordering/ordering.ts'),
  },
  recovery: {
    about: 'from the kill of an actor to its next answer, beside a bare worker and a bare process',
    load: () => import('./recovery/recovery.ts'),
  },
  runtime: {
    about: 'calls, sends, blocks, memory and sampling, beside postMessage, Comlink, Comedy and Erlang',
    load: () => import('./runtime/runtime.ts'),
  },
  window: {
    about: 'a drag through 100,000 messages in a headless browser: frames and long tasks',
    load: () => import('./window.ts'),
  },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const [name] = positionals
const bench = name === undefined ? undefined : benches[name]
if (bench) {
  const { run } = await bench.load()
  const result = await run()
  print(result)
  if (values.json) console.log(JSON.stringify(result))
  process.exit(0)
}
console.log('npm run bench -- NAME [--json]\n')
for (const [known, { about }] of Object.entries(benches)) console.log(`  ${known.padEnd(12)} ${about}`)
process.exit(name === undefined ? 0 : 1)
