import { parseArgs } from 'node:util'
import type { ActorView } from '../shared/bridge.ts'
import { FaultName } from '../shared/bridge.ts'
import { UnitedError, errorMessage } from '../shared/errors.ts'
import { runningTrees, tell, treeOf, treesIn, type Tree } from './running-trees.ts'

const faults = FaultName.anyOf.map(({ const: name }) => name)

const usage = `The actors of a running desktop and its server.

  npm run actors                       lists them
  npm run actors -- kill NAME          ends one; its supervisor starts it again
  npm run actors -- restart NAME       tries one again that was given up
  npm run actors -- fault NAME FAULT   injects a fault: ${faults.slice(0, 6).join(', ')},
                                       ${faults.slice(6).join(', ')}
  npm run actors -- messages NAME      the last messages through its mailbox, and those before its last death
  npm run actors -- letters            messages that could not be delivered, with the reasons

  --profile NAME    whose desktop (default "default")
  --data FOLDER     where UNITED keeps its data (default ./data)
  --json            the answer as JSON
`

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      profile: { type: 'string', default: 'default' },
      data: { type: 'string', default: 'data' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const trees = treesIn(values.data, values.profile)
  const [verb = 'list', actor, fault] = positionals
  if (verb === 'list') return list(trees, values.json)
  if (verb === 'letters') return letters(trees, values.json)
  if (actor === undefined) throw new UsageError(positionals)
  if (verb === 'kill') return kill(trees, actor)
  if (verb === 'restart') return restart(trees, actor)
  if (verb === 'messages') return messages(trees, actor, values.json)
  if (verb === 'fault' && fault !== undefined) return inflict(trees, actor, fault)
  throw new UsageError(positionals)
}

async function list(trees: readonly Tree[], json: boolean): Promise<void> {
  const running = await runningTrees(trees)
  if (json)
    return console.log(JSON.stringify(running.map(({ tree: { title }, actors }) => ({ title, actors }))))
  for (const { tree, actors } of running) {
    console.log(`\n${tree.title}`)
    for (const actor of actors) console.log(line(actor))
  }
}

function line({ name, kind, parent, state, isolation, restarts, lastDeath }: ActorView): string {
  const death = lastDeath
    ? `last death ${new Date(lastDeath.at).toLocaleTimeString()}: ${lastDeath.reason}`
    : ''
  const place = `${parent === null ? '' : '  '}${name}`
  return `  ${place.padEnd(12)} ${state.padEnd(10)} ${(isolation ?? kind).padEnd(10)} ${restarts} restarts  ${death}`.trimEnd()
}

async function kill(trees: readonly Tree[], actor: string): Promise<void> {
  const tree = await treeOf(trees, actor)
  await tell(tree, { command: 'kill', actor })
  console.log(`Killed ${actor} of the ${tree.title}.`)
}

async function restart(trees: readonly Tree[], actor: string): Promise<void> {
  const tree = await treeOf(trees, actor)
  await tell(tree, { command: 'restart', actor })
  console.log(`${actor} of the ${tree.title} is tried again, if it was given up.`)
}

async function inflict(trees: readonly Tree[], actor: string, name: string): Promise<void> {
  const fault = faults.find((known) => known === name)
  if (!fault)
    throw new UnitedError('unknown-fault', `There is no fault named ${name}. There are ${faults.join(', ')}.`)
  const tree = await treeOf(trees, actor)
  await tell(tree, { command: 'fault', actor, fault })
  console.log(`Injected "${fault}" into ${actor} of the ${tree.title}.`)
}

async function messages(trees: readonly Tree[], actor: string, json: boolean): Promise<void> {
  const answer = await tell(await treeOf(trees, actor), { command: 'recording', actor })
  const recordings = answer && 'recordings' in answer ? answer.recordings : []
  if (json) return console.log(JSON.stringify(recordings))
  for (const { incarnation, death, messages: recorded } of recordings.toReversed()) {
    console.log(`\n${actor}, life ${incarnation}${death === null ? '' : `, which ended: ${death}`}`)
    for (const { at, kind, caller, name, id, bytes } of recorded) {
      const time = new Date(at).toISOString().slice(11, 23)
      console.log(`  ${time}  ${kind.padEnd(8)} ${`${caller} ${name}`.padEnd(30)} #${id}  ${bytes} B`)
    }
  }
}

async function letters(trees: readonly Tree[], json: boolean): Promise<void> {
  for (const { tree } of await runningTrees(trees)) {
    const answer = await tell(tree, { command: 'dead-letters' })
    if (!answer || !('deadLetters' in answer)) continue
    const { counts, recent } = answer.deadLetters
    if (json) {
      console.log(JSON.stringify({ title: tree.title, counts, recent }))
      continue
    }
    const sums = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`)
    console.log(`\n${tree.title}: ${sums.join(', ') || 'every message was delivered and answered'}`)
    for (const { at, actor, message, reason } of recent)
      console.log(`  ${new Date(at).toISOString().slice(11, 23)}  ${reason.padEnd(14)} ${actor}.${message}`)
  }
}

class UsageError extends UnitedError {
  constructor(given: readonly string[]) {
    super('usage', `"${given.join(' ')}" is not a command.\n\n${usage}`)
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error(errorMessage(error))
  process.exitCode = 1
}
