import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UnitedError, errorMessage } from '../shared/errors.ts'
import type { IsolationName } from './runtime/index.ts'

export type HostChoice = 'electron' | 'browser' | 'none'

export interface StartOptions {
  help: boolean
  /** Port of the coordination server on this machine. */
  port: number
  dataFolder: string
  /** Address of a coordination server elsewhere; none is started then. */
  server: string | undefined
  /** Which window; undefined lets UNITED choose. */
  host: HostChoice | undefined
  profile: string
  /** Percent of one core that everything together may use; undefined for no limit. */
  cpuPercent: number | undefined
  /** Isolations that differ from the tree's, by actor. */
  isolations: Readonly<Record<string, IsolationName>>
  /** Whether people of the same server are looked for on this network. */
  lan: boolean
}

/** What a low-end machine of today leaves a chat app: half of one slow core. */
const lowEndPercent = 50

export const usage = `UNITED: peer-to-peer, encrypted group chat.

  npm start -- [options]

  --port PORT       port of the coordination server on this machine (default 7420)
  --data FOLDER     where everything is kept (default ./data)
  --server URL      use the coordination server at URL and start none here
  --host HOST       electron, browser (Chrome, Chromium or Edge), or none (prints the address to open);
                    default: the first of them that works here
  --profile NAME    whose desktop this is: each profile has its own identity and log (default "default")
  --no-lan          do not look for people on this network, nor be found by them
  --low-end         everything under a CPU quota of ${lowEndPercent} % of one core; at the end it says what each actor used
  --cpu PERCENT     the same with another quota
  --isolate A=HOW   run the actor A as a thread or a process, unlike the tree says; may be given several times
  --help            this text

  npm run profile                      where the actors spend their time, as a table and as files
  npm run chaos                        a test world under random faults
  npm run actors                       the actors of a running desktop and server
  npm run actors -- kill NAME          ends one actor, to see it come back
  npm run server -- --help             the coordination server alone
`

export class UsageError extends UnitedError {
  constructor(problem: string, options?: ErrorOptions) {
    super('usage', `${problem} "npm start -- --help" lists every option.`, options)
  }
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): StartOptions {
  const values = parse(args)
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new UsageError(`"${values.port}" is not a port.`)
  if (values.data === '') throw new UsageError('--data takes the path of a folder.')
  const { host, profile } = values
  if (host !== undefined && host !== 'electron' && host !== 'browser' && host !== 'none') {
    throw new UsageError(`--host is electron, browser or none, not "${host}".`)
  }
  // The profile's name becomes a folder's.
  if (!/^[\p{L}\p{N}_-]{1,64}$/u.test(profile)) {
    throw new UsageError(`A profile's name has letters, digits, - and _, unlike "${profile}".`)
  }
  return {
    help: values.help,
    port,
    dataFolder: resolve(values.data),
    server: values.server === undefined ? undefined : serverAddress(values.server),
    host,
    profile,
    cpuPercent: cpuPercent(values.cpu, values['low-end']),
    isolations: Object.fromEntries(values.isolate.map(isolationOf)),
    lan: !values['no-lan'],
  }
}

function cpuPercent(given: string | undefined, lowEnd: boolean): number | undefined {
  if (given === undefined) return lowEnd ? lowEndPercent : undefined
  const percent = Number(given)
  if (!(percent >= 1 && percent <= 10_000)) throw new UsageError(`"${given}" is no percentage of a core.`)
  return percent
}

function isolationOf(text: string): [actor: string, isolation: IsolationName] {
  const [, actor = '', isolation] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
  if (isolation !== 'thread' && isolation !== 'process')
    throw new UsageError(`--isolate takes ACTOR=thread or ACTOR=process, not "${text}".`)
  return [actor, isolation]
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7420' },
        data: { type: 'string', default: 'data' },
        server: { type: 'string' },
        host: { type: 'string' },
        profile: { type: 'string', default: 'default' },
        'no-lan': { type: 'boolean', default: false },
        'low-end': { type: 'boolean', default: false },
        cpu: { type: 'string' },
        isolate: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new UsageError(`${errorMessage(cause)}.`, { cause })
  }
}

function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`--server takes an address such as https://chat.example.org, not "${text}".`)
  }
  return url.origin
}
