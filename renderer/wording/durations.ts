const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time as people say it, in at most two units: "12 s", "3 min 5 s", "2 h 4 min", "3 d 1 h". */
export function inWords(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < minute) return `${Math.floor(whole / second)} s`
  if (whole < hour) return pair(whole, minute, 'min', second, 's')
  if (whole < day) return pair(whole, hour, 'h', minute, 'min')
  return pair(whole, day, 'd', hour, 'h')
}

function pair(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small)
  const head = `${Math.floor(ms / big)} ${bigName}`
  return rest === 0 ? head : `${head} ${rest} ${smallName}`
}

/** A length of time in its largest unit alone, where there is little room: "12 s", "3 min", "2 h". */
export function roughly(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < minute) return `${Math.floor(whole / second)} s`
  if (whole < hour) return `${Math.floor(whole / minute)} min`
  if (whole < day) return `${Math.floor(whole / hour)} h`
  return `${Math.floor(whole / day)} d`
}

/** How long ago, roughly: "just now", "5 min ago", "3 h ago". */
export function ago(ms: number): string {
  if (ms < 10 * second) return 'just now'
  if (ms < minute) return `${Math.floor(ms / second)} s ago`
  if (ms < hour) return `${Math.floor(ms / minute)} min ago`
  if (ms < day) return `${Math.floor(ms / hour)} h ago`
  return `${Math.floor(ms / day)} d ago`
}
