/** The two IPC channels of the bridge: requests of the window, and events for it. */
export const requestChannel = 'united:request'
export const eventChannel = 'united:event'
