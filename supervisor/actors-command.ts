import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ActorView } from '../shared/bridge.ts'
import { UnitedError, errorMessage } from '../shared/errors.ts'
import { ask, type Command } from './command-socket.ts'
import { profileFolder } from './desktop.ts'

const usage = `The actors of a running desktop and its server.

  npm run actors                     lists them
  npm run actors -- kill NAME        ends one; its supervisor starts it again

  --profile NAME    whose desktop (default "default")
  --data FOLDER     where UNITED keeps its data (default ./data)
  --json            the list as JSON
`

interface Tree {
  title: string
  folder: string
}

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
  const trees: Tree[] = [
    {
      title: `desktop (profile ${values.profile})`,
      folder: profileFolder({ dataFolder: values.data, profile: values.profile }),
    },
    { title: 'server', folder: join(values.data, 'server') },
  ]
  const [verb = 'list', actor] = positionals
  if (values.help) console.log(usage)
  else if (verb === 'list') await list(trees, values.json)
  else if (verb === 'kill' && actor !== undefined) await kill(trees, actor)
  else throw new UnitedError('usage', `"${positionals.join(' ')}" is not a command.\n\n${usage}`)
}

async function list(trees: readonly Tree[], json: boolean): Promise<void> {
  const running: { title: string; actors: ActorView[] }[] = []
  for (const { title, folder } of trees) {
    const actors = await actorsOf(folder)
    if (actors) running.push({ title, actors })
  }
  if (running.length === 0) throw new NothingRuns()
  if (json) return console.log(JSON.stringify(running))
  for (const { title, actors } of running) {
    console.log(`\n${title}`)
    for (const { name, state, isolation, restarts, lastDeath } of actors) {
      const death = lastDeath
        ? `last death ${new Date(lastDeath.at).toLocaleTimeString()}: ${lastDeath.reason}`
        : ''
      console.log(
        `  ${name.padEnd(10)} ${state.padEnd(10)} ${isolation.padEnd(8)} ${restarts} restarts  ${death}`.trimEnd(),
      )
    }
  }
}

async function kill(trees: readonly Tree[], actor: string): Promise<void> {
  const known: string[] = []
  for (const { title, folder } of trees) {
    const actors = await actorsOf(folder)
    known.push(...(actors ?? []).map(({ name }) => name))
    if (!actors?.some(({ name }) => name === actor)) continue
    await tell(folder, { command: 'kill', actor })
    console.log(`Killed ${actor} of the ${title}.`)
    return
  }
  if (known.length === 0) throw new NothingRuns()
  throw new UnitedError('unknown-actor', `There is no actor named ${actor}. There are ${known.join(', ')}.`)
}

async function actorsOf(folder: string): Promise<ActorView[] | undefined> {
  const answer = await tell(folder, { command: 'list' })
  return answer && 'actors' in answer ? answer.actors : undefined
}

async function tell(folder: string, command: Command) {
  const answer = await ask(folder, command)
  if (answer && 'error' in answer) throw new UnitedError(answer.error.code, answer.error.message)
  return answer
}

class NothingRuns extends UnitedError {
  constructor() {
    super(
      'nothing-runs',
      'No UNITED runs with this data folder. Start it with "npm start", or name it with --data.',
    )
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error(errorMessage(error))
  process.exitCode = 1
}
