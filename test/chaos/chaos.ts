import { parseArgs } from 'node:util'
import { errorMessage } from '../../shared/errors.ts'
import { run as actors } from './actors/actors.ts'
import { run as messages } from './messages/messages.ts'

const scenarios = { actors, messages }

const usage = `Steady load, and everything that can go wrong.

  npm run chaos -- [--scenario actors|messages] [--seconds 60] [--seed N] [--json]

  actors     two desktops and a server, and faults of all kinds on random actors
  messages   three desktops with 20 messages a second each, and SIGKILLs of whole desktops, of the server and of
             single actors; links between them are cut where this machine can make networks (Linux, as root)

Ends with 1 when a message was lost, doubled or shown in another order, or when something was left over.
`

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'actors' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const scenario = Object.entries(scenarios).find(([name]) => name === values.scenario)?.[1]
if (values.help || !scenario) console.log(usage)
else {
  try {
    const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
    process.exit((await scenario(Number(values.seconds), seed, values.json)) ? 0 : 1)
  } catch (error) {
    console.error(errorMessage(error), error)
    process.exit(1)
  }
}
