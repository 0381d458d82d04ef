/** Figures as the panel shows them: as short as they can be compared, of one width for one size. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** One decimal below ten, none above: "0.4", "9.9", "45", "1,204". */
function short(value: number): string {
  return value < 9.95 ? tenths.format(value) : whole.format(value)
}

/** "0.4 %", "12 %", "180 %". */
export function percent(value: number): string {
  return `${short(value)} %`
}

/** Part of a whole, as percent; nothing of nothing is 0 %. */
export function share(part: number, all: number): string {
  return percent(all > 0 ? (100 * part) / all : 0)
}

/** Memory in megabytes: "8.2 MB", "45 MB"; what no longer fits beside others in gigabytes: "1.2 GB". */
export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${short(bytes / 1e6)} MB` : `${short(bytes / 1e9)} GB`
}

/** The size of something small: "812 B", "1.4 kB", "3.0 MB". */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return `${whole.format(bytes)} B`
  return bytes < 1e6 ? `${short(bytes / 1_000)} kB` : megabytes(bytes)
}

/** A time that may be very short: "340 µs", "1.2 ms", "45 ms", "3.1 s". */
export function shortTime(us: number): string {
  if (us < 1_000) return `${whole.format(us)} µs`
  return us < 1e6 ? `${short(us / 1_000)} ms` : `${short(us / 1e6)} s`
}

/** Always in ms, to be compared down a column: "0.4 ms", "45 ms", "1,204 ms". */
export function milliseconds(ms: number): string {
  return `${short(ms)} ms`
}

export function figure(value: number): string {
  return whole.format(value)
}
