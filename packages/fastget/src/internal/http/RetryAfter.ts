/**
 * The header `Retry-After`, in milliseconds from now: a number of seconds, or
 * a date in one of the three forms of HTTP (RFC 9110, 5.6.7). Anything else is
 * as good as no header.
 */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const time = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)"
const month = `(?<month>${months.join("|")})`
const dayName = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
const longDayName = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

// Not by Date.parse: it takes "-5" and "1.5" for dates, the 31st of February for the 3rd of March, and the last of these
// forms for local time.
const forms = [
  new RegExp(`^${dayName}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${longDayName}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^${dayName} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)
]

/**
 * The wait that a value asks for; `undefined` where it says nothing, and where
 * its date does not exist or has passed: a server that wants no wait sends `0`.
 */
export const parse = (header: string, now: number): number | undefined => {
  const value = header.replace(/^[ \t]+|[ \t]+$/g, "")
  // A number beyond all numbers is a very long wait, but stays one that JSON can hold.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  for (const form of forms) {
    const date = form.exec(value)?.groups
    if (date === undefined) continue
    const at = dateOf(date, now)
    return at !== undefined && at > now ? at - now : undefined
  }
  return undefined
}

/** Between two lines; a comma is one where a number or the day of a date comes next, and not inside a date. */
const betweenLines = /\n|,\s*(?=\d+\s*(?:[,\n]|$)|[A-Z][a-z]+[, ])/

/**
 * The wait that a header asks for which may have come on several lines. Where
 * they differ it is the longest: who waits for that has waited for the others.
 */
export const parseLines = (header: string, now: number): number | undefined =>
  header.split(betweenLines).reduce<number | undefined>((longest, line) => {
    const wait = parse(line, now)
    return wait === undefined ? longest : Math.max(wait, longest ?? 0)
  }, undefined)

/** Undefined for a day or a time that does not exist. A day's name is not compared with its date: servers get it wrong. */
const dateOf = (date: Readonly<Record<string, string>>, now: number): number | undefined => {
  const number = (name: string) => Number(date[name])
  const [day, hour, minute, second] = [number("day"), number("hour"), number("minute"), number("second")] as const
  // The 60th second is a leap second's.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const year = number("year")
  const at = new Date(0)
  at.setUTCFullYear(date["year"]!.length === 4 ? year : fullYear(year, now), months.indexOf(date["month"]!), day)
  // A day that a month does not have is one of another month by now.
  return at.getUTCDate() === day ? at.setUTCHours(hour, minute, second) : undefined
}

/** Of two digits: the last such year that is not more than 50 years ahead. */
const fullYear = (digits: number, now: number): number => {
  const last = new Date(now).getUTCFullYear() + 50
  return last - (last - digits) % 100
}
