/**
 * Says what becomes of origins: a line in the log when one closes, with what it
 * asked for, and when it opens again; a warning when there are more of them than
 * the workers can share; and the metrics, once a second. The scope ends it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import type * as MetricLabel from "effect/MetricLabel"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import type { Settings } from "../FastGetConfig.js"
import * as FetchMetrics from "../FetchMetrics.js"
import type { OriginTraffic } from "../internal/traffic/OriginTraffic.js"
import * as Gauge from "./Gauge.js"
import type { PoolTraffic } from "./PoolTraffic.js"

/** The tags of metrics where the layer is built. */
type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/** How often the metrics are brought up to date, in milliseconds. */
const every = 1000

/**
 * Reports for as long as the scope is open, in the log at the level Info, or at
 * that of the settings if it is higher; at None nothing is logged.
 *
 * @since 0.1.0
 * @category reporting
 */
export const report = (
  traffic: PoolTraffic,
  { logLevel }: Pick<Settings, "logLevel">
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.zip(Effect.runtime(), Effect.metricLabels), ([runtime, labels]) => {
    const run = (log: Effect.Effect<void>) =>
      void Runtime.runFork(runtime)(Effect.annotateLogs(log, "package", "fastget"))
    const level = LogLevel.greaterThan(logLevel, LogLevel.Info) ? logLevel : LogLevel.Info
    const say = (line: string) => run(Effect.logWithLevel(level, line))
    const warn = (line: string) => run(Effect.logWarning(line))
    const isSilent = logLevel === LogLevel.None
    const lines = makeLines()
    const counts = makeCounts(labels)
    const missedSlots = makeMissedSlots(labels)
    const update = () => {
      counts(traffic.origins())
      const line = missedSlots(traffic.slots())
      if (line !== undefined && !isSilent) warn(line)
    }
    return Effect.asVoid(Effect.acquireRelease(
      Effect.sync(() => {
        const stop = traffic.onChange((origin) => {
          const line = lines(origin)
          if (line !== undefined && !isSilent) say(line)
        })
        const timer: unknown = setInterval(update, every)
        unreference(timer)
        return { stop, timer }
      }),
      ({ stop, timer }) =>
        Effect.sync(() => {
          stop()
          clearInterval(timer as ReturnType<typeof setInterval>)
          update()
          counts([])
        })
    ))
  })

/** In browsers a timer is a number, and there is no process to keep. */
const unreference = (timer: unknown): void => {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref()
  }
}

type Condition = "open" | "closed" | "down"

/** Origins whose condition is kept; beyond that the oldest is forgotten. */
const most = 10_000

/**
 * What is to be said of an origin, once for each change: of what it was told to
 * be before only what is not open is kept.
 */
export const makeLines = (): (origin: OriginTraffic) => string | undefined => {
  const known = new Map<string, Condition>()
  return (traffic) => {
    const { askedFor, downSince, isRefusing, learnedRate, opensIn, origin } = traffic
    const before = known.get(origin) ?? "open"
    const now: Condition = downSince !== undefined ? "down" : isRefusing ? "closed" : "open"
    if (now === before) return undefined
    known.delete(origin)
    if (now !== "open") known.set(origin, now)
    if (known.size > most) known.delete(known.keys().next().value!)
    if (now === "down") return `${origin} answers nothing: its entries end unasked, but for one from time to time`
    if (now === "closed") {
      return `${origin} refuses requests for their rate: its entries wait ${seconds(askedFor ?? opensIn)}`
    }
    return `${origin} is asked again${
      learnedRate === undefined ? "" : `, at about ${Math.max(1, Math.round(learnedRate))} requests/s`
    }`
  }
}

const seconds = (millis: number): string =>
  millis < 10_000 ? `${(millis / 1000).toFixed(1)} s` : `${Math.round(millis / 1000)} s`

/** Counts what found no slot in the table of the pool, and what is to be said of that: once. */
export const makeMissedSlots = (
  labels: Labels
): (slots: ReturnType<PoolTraffic["slots"]>) => string | undefined => {
  let last = 0
  return ({ all, missed }) => {
    const isFirst = last === 0 && missed > 0
    if (missed > last) FetchMetrics.originsWithoutSlot.unsafeUpdate(missed - last, labels)
    last = missed
    return isFirst
      ? `There is room for about ${all} origins at once, and more are asked: of those beyond, each worker keeps limits of ` +
        `its own, with its part of connectionsPerOrigin and of rates, and learns by itself what is refused`
      : undefined
  }
}

/** Brings the metrics up to date with what is known of the origins. */
const makeCounts = (labels: Labels): (origins: ReadonlyArray<OriginTraffic>) => void => {
  const last = { waiting: 0, closed: 0, rate: 0, limit: 0 }
  const refusals = new Map<string, number>()
  return (origins) => {
    const next = { waiting: 0, closed: 0, rate: 0, limit: 0 }
    for (const traffic of origins) {
      next.waiting += traffic.waiting
      if (traffic.opensIn > 0 || traffic.downSince !== undefined) next.closed++
      const { learnedRate = 0 } = traffic
      if (learnedRate > 0) next.rate = next.rate === 0 ? learnedRate : Math.min(next.rate, learnedRate)
      next.limit += traffic.adaptiveLimit ?? 0
      if (traffic.refusals === 0) continue
      const before = refusals.get(traffic.origin) ?? 0
      // A slot of the table that was another's meanwhile counts from 0.
      const more = traffic.refusals - (before > traffic.refusals ? 0 : before)
      refusals.set(traffic.origin, traffic.refusals)
      if (refusals.size > most) refusals.delete(refusals.keys().next().value!)
      if (more > 0) FetchMetrics.refusals.unsafeUpdate(more, labels)
    }
    // Several layers add up, but for the rate.
    Gauge.add(FetchMetrics.waiting, next.waiting - last.waiting, labels)
    Gauge.add(FetchMetrics.closedOrigins, next.closed - last.closed, labels)
    Gauge.add(FetchMetrics.adaptiveLimit, next.limit - last.limit, labels)
    if (next.rate !== last.rate) Gauge.add(FetchMetrics.learnedRate, next.rate - last.rate, labels)
    Object.assign(last, next)
  }
}
