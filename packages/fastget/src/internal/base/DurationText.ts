/**
 * Durations as text: the one way to write them in flags, in the environment and
 * in whatever else a `ConfigProvider` reads. (In TypeScript they are Effect's
 * `DurationInput`.)
 *
 * A number and its unit: `10s`, `500ms`, `2m`, `1.5h`, `10 seconds`. Several
 * follow each other from the largest unit down: `1m30s`, `1 hour 30 minutes`.
 * Units are written small. A number without a unit is refused, because people
 * take it for seconds and for milliseconds alike.
 */
import * as Duration from "effect/Duration"

/** In milliseconds, the largest first. */
const units: ReadonlyArray<readonly [millis: number, names: ReadonlyArray<string>]> = [
  [604_800_000, ["w", "week", "weeks"]],
  [86_400_000, ["d", "day", "days"]],
  [3_600_000, ["h", "hr", "hrs", "hour", "hours"]],
  [60_000, ["m", "min", "mins", "minute", "minutes"]],
  [1000, ["s", "sec", "secs", "second", "seconds"]],
  [1, ["ms", "milli", "millis", "millisecond", "milliseconds"]],
  // The two signs that look like a micro.
  [1e-3, ["us", "\u00b5s", "\u03bcs", "micro", "micros", "microsecond", "microseconds"]],
  [1e-6, ["ns", "nano", "nanos", "nanosecond", "nanoseconds"]]
]

const rankOf: ReadonlyMap<string, number> = new Map(
  units.flatMap(([, names], rank) => names.map((name) => [name, rank] as const))
)

/**
 * How durations are written, as examples in a sentence.
 */
export const forms = "10s, 500ms, 2m, 1.5h or \"10 seconds\""

/**
 * The duration a text stands for, or `undefined` where it stands for none.
 */
export const parse = (text: string): Duration.Duration | undefined => {
  const part = /\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z\u00b5\u03bc]+)\s*/y
  let millis = 0
  let last = -1
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    const rank = rankOf.get(match?.[2] ?? "")
    if (match === null || rank === undefined || rank <= last) return undefined
    last = rank
    millis += Number(match[1]) * units[rank]![0]
  }
  return last < 0 ? undefined : Duration.millis(millis)
}

/**
 * What to write in place of a text that is no duration, where that can be told.
 */
export const hint = (text: string): string | undefined => {
  const trimmed = text.trim()
  if (/^(?:\d+(?:\.\d+)?|\.\d+)$/.test(trimmed)) return `a number needs its unit, ${trimmed}s or ${trimmed}ms`
  const small = trimmed.toLowerCase()
  return small !== trimmed && parse(small) !== undefined ? `units are written small, ${small}` : undefined
}
