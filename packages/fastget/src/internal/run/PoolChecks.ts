/**
 * Whether a pool keeps what a layer or a stream is set to: a limit that limits
 * nothing, a guard that guards nothing and a header that is lost are refused.
 */
import * as Effect from "effect/Effect"
import type { Settings, StreamOptions } from "../../FastGetConfig.js"
import * as FastGetConfig from "../../FastGetConfig.js"
import type * as FetchPool from "../../FetchPool.js"
import * as RequestHeaders from "../../platform/RequestHeaders.js"

/** A stream's settings, or the first option that can't be, over this pool. */
export const ofStream = (
  options: StreamOptions,
  settings: Settings,
  pool: FetchPool.Pool
): Effect.Effect<Settings, FastGetConfig.InvalidOption> =>
  Effect.tap(FastGetConfig.resolve(options, settings, "stream"), (settings) => checked(settings, pool))

/** Whether a pool keeps all that a layer is set to. */
export const ofLayer = (
  settings: Settings,
  pool: FetchPool.Pool
): Effect.Effect<void, FastGetConfig.InvalidOption> =>
  Effect.zipRight(checked(settings, pool), checkedLimits(settings, pool))

const headersError = (problem: string) => {
  const { range } = FastGetConfig.fields.headers
  return new FastGetConfig.InvalidOption({ option: "headers", value: "the given headers", problem, range })
}

/** The guard and the headers, which streams have, too. Settings of a layer may not have come from `resolve`, so the headers are looked at. */
const checked = (
  { denyPrivate, headers }: Settings,
  pool: FetchPool.Pool
): Effect.Effect<void, FastGetConfig.InvalidOption> => {
  const kept = JSON.stringify(pool.denyPrivate ?? false)
  // A guard that guards nothing is worse than none.
  if (denyPrivate !== false && JSON.stringify(denyPrivate) !== kept) {
    const value = JSON.stringify(denyPrivate)
    return new FastGetConfig.InvalidOption({ option: "denyPrivate", value, range: `${kept} over this pool` })
  }
  const problem = RequestHeaders.problem(headers)
  if (problem !== undefined) return headersError(problem)
  // Without it another site of the same server would answer.
  return headers["host"] === undefined || pool.losesHost === undefined ? Effect.void : Effect.flatMap(
    pool.losesHost,
    (isLost) =>
      isLost ? headersError("\"host\" is left out by fetch: take NodeGetClient, or NodeFastGet.layer") : Effect.void
  )
}

const said = (value: unknown) => value === undefined ? "none" : JSON.stringify(value)

/** The limits that a pool was made without: a limit that limits nothing is refused. */
const checkedLimits = (
  settings: Settings,
  { limits }: FetchPool.Pool
): Effect.Effect<void, FastGetConfig.InvalidOption> => {
  if (limits === undefined) return Effect.void
  const refused = (option: "concurrency" | "origins" | "rate" | "throttle", kept: string) =>
    new FastGetConfig.InvalidOption({ option, value: said(settings[option]), range: `${kept} over this pool` })
  for (const option of ["rate", "throttle", "origins"] as const) {
    if (said(settings[option]) !== said(limits[option])) return refused(option, said(limits[option]))
  }
  const isAdaptive = settings.concurrency === "adaptive" && limits.concurrency !== "adaptive"
  return isAdaptive ? refused("concurrency", "a number") : Effect.void
}
