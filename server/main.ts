import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { errorMessage } from '../shared/errors.ts'
import { stopOnSignals } from '../supervisor/runtime/index.ts'
import { answerAboutActors } from '../supervisor/actor-commands.ts'
import { ActorDesk } from '../supervisor/actor-desk.ts'
import { answerCommands } from '../supervisor/command-socket.ts'
import { accountLimits, submissionLimits } from './gateway/allowances.ts'
import { startServer, type RunningServer, type ServerInit } from './server.ts'

const help = `UNITED coordination server

  node server/main.ts [options]

  --port NUMBER        port for clients, 0 for any free one (default 7420)
  --host ADDRESS       address to listen on (default 127.0.0.1)
  --data FOLDER        where accounts and messages are kept (default ~/.united-server)
  --relay-port NUMBER  port of the relay for peers, 0 for any free one (default 0)
  --auth-attempts N    sign-ins per minute and address (default 60)
  --submissions N      messages per second that one account may submit (default 1000)
  --help               this text

It stops in good order on Ctrl-C and on SIGTERM.
`

/** The command line was wrong: the message says how. */
class UsageError extends Error {}

function wholeNumber(option: string, text: string, max: number, min = 0): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > max || value < min)
    throw new UsageError(`--${option} takes a number from ${min} to ${max}`)
  return value
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '7420' },
        host: { type: 'string', default: '127.0.0.1' },
        data: { type: 'string', default: join(homedir(), '.united-server') },
        'relay-port': { type: 'string', default: '0' },
        'auth-attempts': { type: 'string', default: '60' },
        submissions: { type: 'string', default: String(accountLimits.submissions.perSecond) },
        help: { type: 'boolean', default: false },
      },
    })
    const perSecond = wholeNumber('submissions', values.submissions, 1_000_000, 1)
    return {
      help: values.help,
      port: wholeNumber('port', values.port, 65_535),
      host: values.host,
      dataFolder: resolve(values.data),
      relayPort: wholeNumber('relay-port', values['relay-port'], 65_535),
      authAttempts: wholeNumber('auth-attempts', values['auth-attempts'], 1_000_000),
      limits: { account: submissionLimits(perSecond) },
    }
  } catch (error) {
    // parseArgs says in plain words which option it does not know.
    throw new UsageError(errorMessage(error), { cause: error })
  }
}

/** A server that cannot keep its actors up says so and ends: whoever runs it can start it anew, and is told by it. */
function endWhenExhausted({ supervisor, stop }: RunningServer): void {
  supervisor.on('exhausted', ({ reason, children }) => {
    console.error(`The server stops, since restarting its actors does not help: ${reason}`)
    for (const { name, restarts, lastDeath } of children)
      console.error(`  ${name}: ${restarts} restarts, last death: ${lastDeath?.reason ?? 'none'}`)
    void stop().then(() => process.exit(1), fail)
  })
}

function logLives({ supervisor }: RunningServer): void {
  supervisor.on('death', ({ name }, { reason }) => console.error(`${name} died (${reason}); it is restarted`))
  supervisor.on('change', ({ name, state, restarts }) => {
    if (state === 'running') console.error(`${name} is up again (restart ${restarts})`)
  })
}

/** A program that forked this one stops it by a message, or by going away. */
function obeyParent(stop: () => Promise<void>): void {
  if (!process.send) return
  const leave = () => void stop().then(() => process.exit(0), fail)
  process.once('disconnect', leave)
  process.on('message', (message) => {
    const isStop =
      typeof message === 'object' && message !== null && 'type' in message && message.type === 'stop'
    if (isStop) leave()
  })
}

function fail(error: unknown): never {
  console.error(errorMessage(error))
  if (error instanceof UsageError) console.error('Run with --help for the options.')
  process.exit(error instanceof UsageError ? 2 : 1)
}

/** The server, and the socket on which `npm run actors` reaches its tree. */
async function start(options: ServerInit): Promise<RunningServer> {
  const server = await startServer(options)
  const desk = new ActorDesk(server.supervisor, join(options.dataFolder, 'recordings'))
  const closeCommands = await answerCommands(options.dataFolder, answerAboutActors(desk))
  return {
    ...server,
    stop: () =>
      closeCommands()
        .then(() => server.stop())
        .then(() => desk.written()),
  }
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return void process.stdout.write(help)
  const starting = start(options)
  // Also while it starts: what has started by then is stopped in order.
  const stop = () => starting.then((started) => started.stop())
  stopOnSignals(stop)
  obeyParent(stop)
  const server = await starting
  logLives(server)
  endWhenExhausted(server)
  console.log(`UNITED server listening on ${server.url}`)
  process.send?.({ type: 'listening', url: server.url })
}

main().catch(fail)
