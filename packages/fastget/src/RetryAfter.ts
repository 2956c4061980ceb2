/**
 * The header `Retry-After`, in milliseconds from now: a number of seconds, or
 * a date in one of the three forms of HTTP (RFC 9110, 5.6.7). Anything else is
 * as good as no header.
 *
 * @since 0.1.0
 */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const time = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)"
const month = `(?<month>${months.join("|")})`

// Not by Date.parse: it takes "-5" and "1.5" for dates, and the last of these forms for local time.
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)
]

/**
 * The wait that a value asks for; 0 where its date has passed, `undefined`
 * where it says nothing.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parse = (header: string, now: number): number | undefined => {
  const value = header.trim()
  // A number beyond all numbers is a very long wait, but stays one that JSON can hold.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  for (const form of forms) {
    const date = form.exec(value)?.groups
    if (date !== undefined) return Math.max(0, dateOf(date, now) - now)
  }
  return undefined
}

/** Between two lines; a comma is one where a number or the day of a date comes next, and not inside a date. */
const betweenLines = /\n|,\s*(?=\d+\s*(?:[,\n]|$)|[A-Z][a-z]+[, ])/

/**
 * The wait that a header asks for which may have come on several lines. Where
 * they differ it is the longest: who waits for that has waited for the others.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parseLines = (header: string, now: number): number | undefined =>
  header.split(betweenLines).reduce<number | undefined>((longest, line) => {
    const wait = parse(line, now)
    return wait === undefined ? longest : Math.max(wait, longest ?? 0)
  }, undefined)

const dateOf = (date: Readonly<Record<string, string>>, now: number): number => {
  const at = (year: number) =>
    Date.UTC(
      year,
      months.indexOf(date["month"]!),
      Number(date["day"]),
      Number(date["hour"]),
      Number(date["minute"]),
      Number(date["second"])
    )
  if (date["year"]!.length === 4) return at(Number(date["year"]))
  // Two digits that seem to be more than 50 years ahead mean the century before.
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - thisYear % 100 + Number(date["year"])
  return at(year > thisYear + 50 ? year - 100 : year)
}
