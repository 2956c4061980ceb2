/** Servers, and what a run at each of them must come to: as data. */
import type { LimitHeaders } from "#internal/traffic/RateLimitHeaders"
import type { Limit } from "./Servers.js"
import { around, bucket, fixedWindow, limited, slidingWindow, tells } from "./Servers.js"
import type { PoolOptions, Random, Reply, Server } from "./Simulation.js"

/** Two numbers: at least, and at most. */
export type Range = readonly [number, number]

export interface Model {
  readonly name: string
  readonly server: (chance: Random, start: number) => Server
  readonly entries: number
  /** Programs that ask the same server, each with all the entries. */
  readonly programs?: number
  readonly rules?: PoolOptions["rules"]
  /** Milliseconds that a run takes at best. */
  readonly ideal: number
  /** Entries that succeed, requests by entries, time by the ideal. */
  readonly succeeded: Range
  readonly waste: Range
  readonly wall: Range
}

const capacityOf = { "a second": 1, "a fifth of a second": 0.2 }

const hard = (
  entries: number,
  perSecond: number,
  kind: string,
  limit: (chance: Random) => Limit,
  capacity: number,
  how: keyof typeof tells,
  wall: number
): Model => ({
  name: `${perSecond}/s, ${kind}, ${how}`,
  server: (chance) => limited(limit(chance), around(2, chance), tells[how]),
  entries,
  ideal: (entries - capacity) / perSecond * 1000,
  succeeded: [entries, entries],
  waste: [1, 1.15],
  wall: [0.9, wall]
})

/** A date tells whole seconds, and so asks a window of a second for less than it takes: some probes are refused. */
const atWindow = { seconds: 1.2, date: 1.3, nothing: 1.35 }

const speeds = [[20, 1000], [100, 1000], [1000, 10_000]] as const

/** Hard limits in all the ways in which servers count. */
export const hardLimits: ReadonlyArray<Model> = speeds.flatMap(([perSecond, entries]) =>
  (["seconds", "date", "nothing"] as const).flatMap((how) => [
    ...Object.entries(capacityOf).map(([name, seconds]) =>
      hard(
        entries,
        perSecond,
        `a bucket of ${name}`,
        () => bucket(perSecond, seconds * perSecond),
        seconds * perSecond,
        how,
        how === "nothing" ? 1.35 : 1.2
      )
    ),
    hard(
      entries,
      perSecond,
      "windows of a second",
      (chance) => fixedWindow(perSecond, 1000, 1000 * chance()),
      perSecond,
      how,
      atWindow[how]
    ),
    hard(entries, perSecond, "a sliding second", () => slidingWindow(perSecond), perSecond, how, atWindow[how])
  ])
)

const always = (latency: () => number, server: (reply: Reply) => Reply = (reply) => reply): Server => () =>
  server({ status: 200, after: latency() })

/** A window whose headers tell what is left of it, in whole seconds. */
const withHeaders = (perWindow: number, length: number, latency: () => number): Server => {
  let window = -1
  let count = 0
  return ({ now }) => {
    const current = Math.floor(now / length)
    if (current !== window) count = 0
    window = current
    const isAdmitted = count < perWindow
    if (isAdmitted) count++
    const left = (current + 1) * length - now
    const headers: LimitHeaders = {
      remaining: perWindow - count,
      reset: Math.ceil(left / 1000) * 1000,
      limit: perWindow,
      window: length
    }
    return { status: isAdmitted ? 200 : 429, after: latency(), headers }
  }
}

export const others: ReadonlyArray<Model> = [
  {
    name: "constant: 20 ms, no limit",
    server: (chance) => always(around(20, chance)),
    entries: 5000,
    ideal: 5000 / 64 * 20,
    succeeded: [5000, 5000],
    waste: [1, 1],
    wall: [0.9, 1.1]
  },
  {
    name: "jitter: 1 to 200 ms, no limit",
    server: (chance) => always(() => 1 + 200 * chance() ** 4),
    entries: 5000,
    ideal: 5000 / 64 * 41,
    succeeded: [5000, 5000],
    waste: [1, 1],
    wall: [0.9, 1.15]
  },
  {
    name: "headers: 100 in windows of a second",
    server: (chance) => withHeaders(100, 1000, around(5, chance)),
    entries: 1000,
    ideal: 9000,
    succeeded: [1000, 1000],
    waste: [1, 1.01],
    wall: [0.9, 1.25]
  },
  {
    name: "headers: 600 a minute",
    server: (chance) => withHeaders(600, 60_000, around(20, chance)),
    entries: 1500,
    ideal: 120_000,
    succeeded: [1500, 1500],
    waste: [1, 1.01],
    wall: [0.9, 1.05]
  },
  {
    name: "a window of 600 that resets each minute, Retry-After: what is left",
    server: (chance) =>
      limited(fixedWindow(600, 60_000), around(20, chance), (now) => Math.ceil((60_000 - now % 60_000) / 1000) * 1000),
    entries: 1500,
    ideal: 120_000,
    succeeded: [1500, 1500],
    waste: [1, 1.1],
    wall: [0.9, 1.05]
  },
  {
    name: "a window of 600 that resets each minute, no header",
    server: (chance) => limited(fixedWindow(600, 60_000), around(20, chance), tells.nothing),
    entries: 1500,
    ideal: 120_000,
    succeeded: [1500, 1500],
    waste: [1, 1.1],
    wall: [0.9, 1.4]
  },
  ...(["seconds", "nothing"] as const).flatMap((how): ReadonlyArray<Model> => [
    {
      name: `capacity halved in mid-run, ${how}`,
      server: (chance, start) =>
        limited(bucket((now) => now - start < 15_000 ? 100 : 50, 20), around(5, chance), tells[how]),
      entries: 2000,
      ideal: 24_800,
      succeeded: [2000, 2000],
      waste: [1, 1.2],
      wall: [0.9, 1.35]
    },
    {
      name: `capacity doubled in mid-run, ${how}`,
      server: (chance, start) =>
        limited(bucket((now) => now - start < 15_000 ? 100 : 200, 20), around(5, chance), tells[how]),
      entries: 4000,
      ideal: 27_500,
      succeeded: [4000, 4000],
      waste: [1, 1.2],
      wall: [0.9, 1.4]
    },
    {
      name: `two programs on one limit, ${how}`,
      server: (chance) => limited(bucket(100, 100), around(5, chance), tells[how]),
      entries: 1000,
      programs: 2,
      ideal: 19_000,
      succeeded: [1000, 1000],
      waste: [1, 1.2],
      wall: [0.5, 1.4]
    },
    ...[1000, 50, 10].map((nth): Model => ({
      name: `429 for one path of ${nth} only, ${how}`,
      server: (chance) => {
        const latency = around(20, chance)
        return ({ entry, now }) =>
          entry % nth === 7
            ? { status: 429, after: latency(), retryAfter: tells[how](now) }
            : { status: 200, after: latency() }
      },
      entries: 5000,
      ideal: 1562,
      succeeded: [5000 - 5000 / nth, 5000 - 5000 / nth],
      // A hopeless entry is asked for five times.
      waste: [1, 1 + 4 / nth],
      wall: [1, 14]
    }))
  ]),
  {
    name: "a CDN that answers 503 with Retry-After: 5 for 3 s",
    server: (chance, start) => {
      const latency = around(20, chance)
      return ({ now }) =>
        now - start > 1000 && now - start < 4000
          ? { status: 503, after: latency(), retryAfter: 5000 }
          : { status: 200, after: latency() }
    },
    entries: 10_000,
    ideal: 8200,
    succeeded: [10_000, 10_000],
    waste: [1, 1.02],
    wall: [0.9, 1.7]
  }
]

/** Limits that change in mid-run, and what is admitted then. */
export const changed = [{ how: "halved", perSecond: 50 }, { how: "doubled", perSecond: 200 }].flatMap((
  { how, perSecond }
) =>
  others.filter(({ name }) => name.startsWith(`capacity ${how}`))
    .map((model) => ({ name: model.name, model, perSecond }))
)
