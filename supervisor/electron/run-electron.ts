import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StartOptions } from '../options.ts'
import { stopWithNpm } from '../stop-with-npm.ts'

export interface ElectronRun extends Pick<
  StartOptions,
  'dataFolder' | 'profile' | 'cpuPercent' | 'isolations'
> {
  server: string
}

/** Runs the desktop under Electron until its last window is closed. Signals that reach this process reach it too. */
export async function runElectron(
  binary: string,
  { server, dataFolder, profile, cpuPercent, isolations }: ElectronRun,
): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const args = ['--server', server, '--data', dataFolder, '--profile', profile]
  // The quota itself is inherited: Electron needs to know what the budget is a share of.
  if (cpuPercent !== undefined) args.push('--cpu', String(cpuPercent))
  for (const [name, isolation] of Object.entries(isolations)) args.push('--isolate', `${name}=${isolation}`)
  const child = spawn(binary, [root, ...args], { stdio: 'inherit' })
  // Electron stops its tree in good order on each of them; this process follows when it has ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const exited = once(child, 'exit')
  stopWithNpm(async () => {
    child.kill('SIGTERM')
    await exited
  })
  const [code] = (await exited) as [number | null]
  if (code) process.exitCode = code
}
