import { electronBinary, fetchElectron } from './electron/binary.ts'
import { findBrowser } from './browser/find-browser.ts'
import type { HostChoice } from './options.ts'
import { UnitedError, errorMessage } from '../shared/errors.ts'

/** What shows the window, and why it was chosen, as one clause for people. */
export type Host =
  | { kind: 'electron'; binary: string; why: string }
  | { kind: 'browser'; name: string; binary: string; why: string }
  | { kind: 'none'; why: string }

export class HostUnavailable extends UnitedError {
  constructor(message: string, options?: ErrorOptions) {
    super('host-unavailable', message, options)
  }
}

/**
 * Electron where its binary is here or can be fetched, else a browser's app window, else none.
 * @throws HostUnavailable when the user asked for one that is not to be had
 */
export async function chooseHost(wanted: HostChoice | undefined, say: (line: string) => void): Promise<Host> {
  if (wanted === 'none') return { kind: 'none', why: 'as asked with --host none' }
  const noDisplay = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']
  if (noDisplay && wanted === undefined) return { kind: 'none', why: 'there is no display here' }

  let whyNotElectron = 'a browser was asked for'
  if (wanted !== 'browser') {
    const electron = await electronOrReason(say)
    if ('binary' in electron) return { kind: 'electron', ...electron }
    whyNotElectron = electron.reason
    if (wanted === 'electron') {
      throw new HostUnavailable(`Electron cannot be used: ${whyNotElectron}. Try --host browser.`)
    }
  }
  const browser = findBrowser()
  const why = wanted === 'browser' ? 'as asked with --host browser' : `since ${whyNotElectron}`
  if (browser) return { kind: 'browser', ...browser, why }
  if (wanted === 'browser') {
    throw new HostUnavailable(
      'No Chrome, Chromium or Edge was found. Install one, or use --host none and open the address.',
    )
  }
  return { kind: 'none', why: `${whyNotElectron}, and no Chrome, Chromium or Edge was found` }
}

async function electronOrReason(
  say: (line: string) => void,
): Promise<{ binary: string; why: string } | { reason: string }> {
  const here = electronBinary()
  if (here) return { binary: here, why: 'its binary is here' }
  try {
    say('Fetching Electron (once, about 120 MB) …')
    return { binary: await fetchElectron(), why: 'its binary was fetched now' }
  } catch (error) {
    return { reason: `Electron is not here and could not be fetched (${errorMessage(error)})` }
  }
}
