/** Why a control socket was closed, beside the words of `goodbye`. 1009 (a frame too large) comes from ws itself. */
export const closeCodes = {
  stopping: 1001,
  unavailable: 1013,
  malformed: 4400,
  token: 4401,
  helloTimeout: 4408,
  tooSlow: 4413,
  protocol: 4426,
  tooManyConnections: 4429,
} as const

/** Of the errors with which a client is not let in; after any other it may try again. */
export const admissionCodes: Readonly<Partial<Record<string, number>>> = {
  'token-expired': closeCodes.token,
  'token-invalid': closeCodes.token,
  'too-many-connections': closeCodes.tooManyConnections,
}
