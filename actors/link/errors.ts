import type { WireError } from '../../shared/control.ts'
import { UnitedError } from '../../shared/errors.ts'

export class Offline extends UnitedError {
  constructor(server: string, options?: ErrorOptions) {
    super(
      'offline',
      `The server at ${server} cannot be reached. Check that it runs; UNITED keeps trying.`,
      options,
    )
  }
}

export class NotUnited extends UnitedError {
  constructor(server: string, options?: ErrorOptions) {
    super(
      'not-united',
      `What answers at ${server} is not a UNITED server. Check the address, or choose another port.`,
      options,
    )
  }
}

export class ProtocolMismatch extends UnitedError {
  constructor(server: string, theirs: number, ours: number) {
    super(
      'protocol',
      `The server at ${server} speaks protocol ${theirs} and this UNITED speaks ${ours}. Update the older of the two.`,
    )
  }
}

/** What the server answered, as an error of ours. */
export function fromWire({ code, message, details }: WireError): UnitedError {
  return new UnitedError(code, message, details ? { details } : {})
}
