/** Why a control socket was closed, beside the words of `goodbye`. 1009 (a frame too large) comes from ws itself. */
export const closeCodes = {
  stopping: 1001,
  unavailable: 1013,
  malformed: 4400,
  token: 4401,
  helloTimeout: 4408,
  tooSlow: 4413,
  protocol: 4426,
} as const
