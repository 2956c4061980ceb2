/** Rows at servers that admit so many requests a second, in the ways in which servers count and tell. */
import type { Row } from "./Row.js"
import { common } from "./Row.js"
import type { Limited } from "./Task.js"

const rates = [[100, 1000], [20, 1000], [1000, 10_000]] as const

const headers: ReadonlyArray<readonly [Limited["tells"], text: string, wall: number]> = [
  ["seconds", "Retry-After: 1", 1.2],
  ["date", "Retry-After as a date", 1.2],
  ["none", "no header", 1.35],
  ["headers", "RateLimit headers", 1.2]
]

/** How a server counts: what a row's name has of it, and its tokens in seconds where it is a bucket. */
const kinds: ReadonlyArray<readonly [name: string, text: string, Limited["counts"], seconds: number]> = [
  ["", "", "bucket", 1],
  ["-fifth", ", a bucket of 0.2 s", "bucket", 0.2],
  ["-single", ", a bucket of one", "bucket", 0],
  ["-fixed", ", fixed windows of 1 s", "fixed", 1],
  ["-sliding", ", a sliding second", "sliding", 1]
]

/** The seconds that nobody can beat. */
const idealOf = ({ capacity, counts, perSecond }: Limited, entries: number): number =>
  counts === "bucket" ? (entries - (capacity ?? perSecond)) / perSecond : Math.ceil(entries / perSecond) - 1

const limitRow = (
  name: string,
  title: string,
  model: Limited,
  entries: number,
  wall: number,
  more: { readonly rivals?: boolean; readonly full?: boolean; readonly programs?: number } = {}
): Row => {
  const { full = false, programs = 1, rivals = false } = more
  return {
    name,
    title,
    rivals,
    full,
    runs: [{
      name: "",
      models: [model],
      programs,
      task: ([url]) => ({ streams: [{ origins: [url!], count: entries }], perSecond: model.perSecond })
    }],
    figures: (done) => {
      const all = programs * entries
      return common(done(""), all, idealOf(model, all), { waste: 1.15, wall })
    }
  }
}

const hard: ReadonlyArray<Row> = rates.flatMap(([perSecond, entries]) =>
  headers.flatMap(([tells, text, wall]) =>
    kinds.map(([kind, kindText, counts, seconds]) =>
      limitRow(
        `${perSecond}-${tells}${kind}`,
        `${perSecond}/s, ${text}${kindText}`,
        { kind: "limit", counts, perSecond, tells, capacity: Math.max(1, seconds * perSecond) },
        entries,
        wall,
        // Headers of a limit are told of windows, and a bucket's are its next token's.
        { rivals: perSecond === 100 && kind === "" && tells !== "headers", full: kind !== "" || tells === "headers" }
      )
    )
  )
)

const others: ReadonlyArray<Row> = [
  limitRow(
    "cdn-503",
    "100/s, 503 with Retry-After: 1",
    { kind: "limit", counts: "bucket", perSecond: 100, tells: "seconds", status: 503 },
    1000,
    1.2,
    { full: true }
  ),
  limitRow(
    "two-programs",
    "100/s, Retry-After: 1, two programs of 500 each",
    { kind: "limit", counts: "bucket", perSecond: 100, tells: "seconds" },
    500,
    1.5,
    { full: true, programs: 2 }
  )
]

export const rows: ReadonlyArray<Row> = [...hard, ...others]
