const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
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
