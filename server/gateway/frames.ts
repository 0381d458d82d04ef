import type { ControlEvent, ControlEventData, ServerFrame, WireError } from '../../shared/control.ts'

/** A frame as it goes into a socket, made once for all who get it. */
export function encodeFrame(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame))
}

export function eventFrame<E extends ControlEvent>(event: E, data: ControlEventData<E>): Buffer {
  return encodeFrame({ type: 'event', event, data })
}

export function goodbyeFrame(error: WireError): Buffer {
  return encodeFrame({ type: 'goodbye', error })
}
