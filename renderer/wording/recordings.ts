import type { RecordingView } from '../../shared/bridge.ts'

const kinds: Readonly<Partial<Record<string, string>>> = {
  call: 'Call',
  send: 'Send',
  reply: 'Reply',
  error: 'Error',
  event: 'Event',
  refused: 'Refused',
  cancel: 'Called off',
}

/** What kind of message it was; one that is new in the runtime is shown by its name. */
export function kindInWords(kind: string): string {
  return kinds[kind] ?? kind
}

export function lifeInWords({ incarnation, death }: RecordingView): string {
  return death === null ? `Life ${incarnation}, now` : `Life ${incarnation}, ended`
}
