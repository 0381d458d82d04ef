import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { relative } from 'node:path'
import { errorCode, errorMessage, UnitedError } from '../shared/errors.ts'
import { answerAboutActors } from './actor-commands.ts'
import { openAppWindow, type AppWindow } from './browser/app-window.ts'
import { serveWindow } from './browser/window-server.ts'
import { chooseHost, type Host } from './choose-host.ts'
import { answerCommands, ask } from './command-socket.ts'
import { CpuBudget } from './cpu-budget.ts'
import { limitCpu, systemdPrefix, type CpuQuota } from './cpu-quota.ts'
import { isolationOverrides } from './desktop-tree.ts'
import { Desktop, profileFolder } from './desktop.ts'
import { runElectron } from './electron/run-electron.ts'
import { parseOptions, usage, type StartOptions } from './options.ts'
import { stopOnSignals, type SupervisorInit } from './runtime/index.ts'
import { localServer, type CoordinationServer } from './server-process.ts'
import { stopWithNpm } from './stop-with-npm.ts'
import { ensureWindowIsBuilt, windowFolder } from './window-build.ts'

/** `npm start`: a coordination server on this machine, unless another is named, and the desktop with its window. */
const say = (line: string) => console.log(line)

async function start(options: StartOptions): Promise<void> {
  // Refused before anything has started.
  const overrides = isolationOverrides(options.isolations)
  const quota = options.cpuPercent === undefined ? undefined : limited(options.cpuPercent)
  if (quota === 'elsewhere') return
  makeFolder(profileFolder(options))
  await ensureWindowIsBuilt(say)
  const host = await chooseHost(options.host, say)
  if (await reopen(options, host)) return

  const server = await coordinationServer(options)
  say(`Server   ${server.url} (${serverWords(server, options)})`)
  try {
    if (host.kind === 'electron') {
      say(`Window   Electron, ${host.why}`)
      await runElectron(host.binary, { ...options, server: server.url })
      if (quota) sayThrottled(quota)
      await server.stop()
    } else {
      await runHere(host, server, { ...options, overrides }, quota)
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The desktop in this process, its window in a browser. */
async function runHere(
  host: Exclude<Host, { kind: 'electron' }>,
  server: CoordinationServer,
  {
    dataFolder,
    profile,
    lan,
    overrides,
    cpuPercent,
  }: StartOptions & Required<Pick<SupervisorInit, 'overrides'>>,
  quota: CpuQuota | undefined,
): Promise<void> {
  const folder = profileFolder({ dataFolder, profile })
  const desktop = new Desktop({ dataFolder, profile, server: server.url, lan, supervision: { overrides } })
  const budget = quota && new CpuBudget(desktop.supervisor, cpuPercent ?? 100)
  const window = await serveWindow(desktop.bridge, windowFolder)
  const closeCommands = await answerCommands(
    folder,
    answerAboutActors(desktop.desk, {
      address: () => window.freshAddress(),
      deliveryTimes: () => desktop.deliveryTimes(),
    }),
  )
  let appWindow: AppWindow | undefined
  let stopping: Promise<void> | undefined
  const stopAll = async () => {
    appWindow?.close()
    await closeCommands()
    await window.stop()
    await desktop.stop()
    await server.stop()
    for (const line of budget?.table ?? []) say(line)
    if (quota) sayThrottled(quota)
  }
  const stop = () => (stopping ??= stopAll())
  stopOnSignals(stop)
  stopWithNpm(stop)
  await desktop.start()

  if (host.kind === 'none') {
    say(`Window   none, ${host.why}. Open this address in a browser (it works once):`)
    say(`         ${window.freshAddress()}`)
    return
  }
  say(`Window   ${host.name}, ${host.why}`)
  try {
    appWindow = openAppWindow(host, window.freshAddress(), folder)
    await appWindow.closed
  } catch (error) {
    if (stopping) return
    say(
      `Window   none, ${host.name} did not open one (${errorMessage(error)}). Open this address in a browser:`,
    )
    say(`         ${window.freshAddress()}`)
    return
  }
  if (stopping) return
  await stop()
  process.exit(0)
}

/** Set for the command that was started again. */
const limitedBySystemd = 'UNITED_CPU_LIMITED'

/**
 * Puts this process under a quota, or starts the whole command again under systemd's, which limits what it starts.
 * @throws NoCpuQuota
 */
function limited(percent: number): CpuQuota | 'elsewhere' {
  if (process.env[limitedBySystemd]) return { by: 'systemd', throttled: () => null }
  try {
    const quota = limitCpu(percent)
    say(`CPU      at most ${percent} % of one core (${quota.by})`)
    return quota
  } catch (error) {
    const [program, ...args] = systemdPrefix(percent) ?? []
    if (program === undefined) throw error
    say(`CPU      at most ${percent} % of one core (systemd)`)
    const again = spawn(program, [...args, process.execPath, ...process.argv.slice(1)], {
      stdio: 'inherit',
      env: { ...process.env, [limitedBySystemd]: '1' },
    })
    again.once('exit', (code) => process.exit(code ?? 1))
    return 'elsewhere'
  }
}

function sayThrottled(quota: CpuQuota): void {
  const throttled = quota.throttled()
  if (throttled) say(`  held back ${throttled.times} times, ${Math.round(throttled.ms)} ms in all`)
}

/** A profile that runs already gets one more window. */
async function reopen(options: StartOptions, host: Host): Promise<boolean> {
  const folder = profileFolder(options)
  const answer = await ask(folder, { command: 'address' })
  if (!answer) return false
  const address = 'address' in answer ? answer.address : null
  say(`The profile "${options.profile}" runs already.`)
  if (address === null) return true
  if (host.kind === 'browser') await openAppWindow(host, address, folder).closed
  else say(`Open this address in a browser (it works once):\n         ${address}`)
  return true
}

async function coordinationServer({ server, port, dataFolder }: StartOptions): Promise<CoordinationServer> {
  if (server === undefined) return localServer(port, dataFolder)
  return { url: server, startedHere: false, stop: async () => {} }
}

function serverWords({ startedHere }: CoordinationServer, { server, dataFolder }: StartOptions): string {
  if (server !== undefined) return 'as asked with --server'
  if (!startedHere) return 'it was running already'
  return `started here, its data in ${relative(process.cwd(), dataFolder) || '.'}/server`
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new UnitedError(
      'data-folder',
      `The folder ${folder} cannot be made (${errorCode(cause) ?? errorMessage(cause)}). Choose another with --data.`,
      { cause },
    )
  }
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) say(usage)
  else await start(options)
} catch (error) {
  // The words are for people; whoever looks for the cause gets it with NODE_DEBUG=united.
  console.error(errorMessage(error))
  if (process.env['NODE_DEBUG']?.includes('united')) console.error(error)
  process.exit(1)
}
