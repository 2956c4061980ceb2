/**
 * Numbers as people read them: three digits that matter, and a unit.
 */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })

/** `1,234,567`. */
export const count = (n: number): string => grouped.format(n)

/** `7 rows`, `1 row`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** Three digits: `0.123`, `1.23`, `12.3`, `123`, `1,234`. */
export const digits = (n: number): string => {
  const size = Math.abs(n)
  if (size >= 99.95) return grouped.format(n)
  if (size >= 9.995) return n.toFixed(1)
  return size >= 0.9995 || size === 0 ? n.toFixed(size === 0 ? 0 : 2) : n.toFixed(3)
}

/** `812/s`. */
export const rate = (n: number): string => `${digits(n)}/s`

/** A measured rate as people say it, and as a limit of whole requests that is not above it: `98 requests/s`, `30 requests/min`. */
export const requests = (perSecond: number): { readonly text: string; readonly limit: string } => {
  const [unit, name] = ([[1, "s"], [60, "min"], [3600, "h"]] as const).find(([unit]) => perSecond * unit >= 5) ??
    [3600, "h"]
  const amount = Math.max(1, Math.floor(perSecond * unit + 1e-9))
  return { text: `${count(amount)} ${amount === 1 ? "request" : "requests"}/${name}`, limit: `${amount}/${name}` }
}

const spans = [[3_600_000, "h"], [60_000, "min"], [1000, "s"], [1, "ms"]] as const

/** A limit as the options take it: `100/s`, `600/min`, `1/10s`. */
export const requestsPer = (requests: number, millis: number): string => {
  const [span, name] = spans.find(([span]) => millis % span === 0) ?? [1, "ms"]
  return `${requests}/${millis === span ? "" : millis / span}${name}`
}

const units = ["B", "kB", "MB", "GB", "TB"]

/** `1.23 MB`, by thousands. */
export const bytes = (n: number): string => {
  let unit = 0
  let value = n
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? grouped.format(value) : digits(value)} ${units[unit]}`
}

/** `250 ms`, `1.25 s`, `3 min 20 s`. */
export const millis = (n: number): string => n < 999.5 ? `${digits(n)} ms` : seconds(n / 1000)

/** `0.25 s`, `12.3 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const seconds = (n: number): string => {
  if (n < 60 && digits(n) !== "60.0") return `${digits(n)} s`
  const whole = Math.round(n)
  if (whole < 3600) return pair(whole, 60, "min", "s")
  const minutes = Math.round(n / 60)
  return minutes < 24 * 60 ? pair(minutes, 60, "h", "min") : pair(Math.round(minutes / 60), 24, "d", "h")
}

const pair = (n: number, each: number, large: string, small: string): string => {
  const rest = n % each
  return `${Math.floor(n / each)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`
}

/** `12 %`; `<0.1 %` where there is less, but not nothing. */
export const percent = (share: number): string => {
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return "<0.1 %"
  if (percent < 100 && percent > 99.9) return ">99.9 %"
  return `${
    percent >= 10 || percent === 0 ? percent.toFixed(percent > 99 && percent < 100 ? 1 : 0) : percent.toFixed(1)
  } %`
}
