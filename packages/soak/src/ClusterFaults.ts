/**
 * What happens to a cluster, one fault in each period, whichever and at whatever
 * moment of it: a runner is killed and another one joins, a runner leaves and
 * another one joins, a runner stands still for a while, the database is away for
 * a while. One at a time, so that a runner is left.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import type { Postgres } from "loopback"
import * as Child from "./Child.js"
import type { SoakError } from "./SoakError.js"

/** What a runner's process is told. */
export interface RunnerTask {
  readonly url: string
  readonly lanes: number
}

export type Fault = "killed" | "left" | "stood still" | "database away"

const faults: ReadonlyArray<Fault> = ["killed", "left", "stood still", "database away"]

/** How long a runner stands still, and the database is away, in milliseconds: longer than locks live. */
const away = 10_000

export interface ClusterFaults {
  /** Faults until it is interrupted, each followed by a quiet time of as long as is asked for. */
  readonly happen: (quietMillis: number) => Effect.Effect<never, SoakError>
  /** How often each has happened. */
  readonly counts: () => Readonly<Record<Fault, number>>
}

/** The faults of a cluster of so many runners, which have joined. They end with the scope. */
export const make = (
  database: Postgres.Postgres,
  runners: number,
  lanes: number
): Effect.Effect<ClusterFaults, SoakError, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const counts: Record<Fault, number> = { "killed": 0, "left": 0, "stood still": 0, "database away": 0 }
    const task: RunnerTask = { url: database.url, lanes }
    const join = Effect.tap(Child.start("runner", JSON.stringify(task)), ({ message }) => message)
    const joined = yield* Effect.replicateEffect(join, runners, { concurrency: "unbounded" })

    const replace = (at: number, signal: NodeJS.Signals) =>
      Effect.gen(function*() {
        const [child] = joined.splice(at, 1)
        child!.kill(signal)
        joined.push(yield* join)
      })
    const happen = (fault: Fault, at: number): Effect.Effect<void, SoakError, Scope.Scope> => {
      switch (fault) {
        case "killed":
          return replace(at, "SIGKILL")
        case "left":
          return replace(at, "SIGTERM")
        case "stood still":
          return Effect.acquireUseRelease(
            Effect.sync(() => joined[at]!.kill("SIGSTOP")),
            () => Effect.sleep(away),
            () => Effect.sync(() => joined[at]!.kill("SIGCONT"))
          )
        case "database away":
          return Effect.acquireUseRelease(
            Effect.sync(database.stop),
            () => Effect.sleep(away),
            () => Effect.sync(database.start)
          )
      }
    }
    const next = (quietMillis: number) =>
      Effect.gen(function*() {
        yield* Effect.sleep(quietMillis * (0.5 + (yield* Random.next)))
        const fault = faults[yield* Random.nextIntBetween(0, faults.length)]!
        yield* happen(fault, yield* Random.nextIntBetween(0, joined.length))
        counts[fault]++
      })
    return {
      happen: (quietMillis) => Effect.forever(Scope.extend(next(quietMillis), scope)),
      counts: () => counts
    }
  })
