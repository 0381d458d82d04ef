const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const short = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
})
const precise = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const thisYear = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })
const otherYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' })

export function clockTime(at: number): string {
  return clock.format(at)
}

/** As `clockTime`, where there is room for the figures alone: without "PM" and its like. */
export function shortClockTime(at: number): string {
  const parts = clock.formatToParts(at).filter(({ type }) => type !== 'dayPeriod')
  return parts
    .map(({ value }) => value)
    .join('')
    .trim()
}

export function secondsTime(at: number): string {
  return seconds.format(at)
}

export function fullTime(at: number): string {
  return full.format(at)
}

/** Names the calendar day, so that two times have the same name when they fall on the same day here. */
export function dayKey(at: number): string {
  return new Date(at).toDateString()
}

export function dayName(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return 'Today'
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  if (dayKey(at) === yesterday.toDateString()) return 'Yesterday'
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (sameYear ? thisYear : otherYear).format(at)
}

/** "12 May, 14:32", for something that may be long ago. */
export function dateAndTime(at: number): string {
  return short.format(at)
}

/** "14:32:05.123", where milliseconds count. */
export function preciseTime(at: number): string {
  return precise.format(at)
}

/** A day as a date field has it: "2026-05-12". */
export function dateField(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** When the day of a date field begins here; undefined for what is no day. */
export function startOfDay(field: string): number | undefined {
  const at = new Date(`${field}T00:00`).getTime()
  return Number.isNaN(at) ? undefined : Math.max(0, at)
}
