/**
 * Whether a runner is alive: it answers a ping. One that is stopped keeps its
 * connections open and answers nothing, so that a short time-out tells it from
 * one that is busy; the engine's own waits ten seconds, six times.
 */
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"

/** How long, in milliseconds, a runner may take to answer, and how often it is asked. */
const answerWithin = 1500
const attempts = 2

export const layer: Layer.Layer<RunnerHealth.RunnerHealth, never, Runners.Runners> = Layer.effect(
  RunnerHealth.RunnerHealth,
  Effect.map(Runners.Runners, (runners) => ({
    isAlive: (address) =>
      runners.ping(address).pipe(
        Effect.timeout(answerWithin),
        Effect.retry({ times: attempts - 1, schedule: Schedule.spaced(100) }),
        Effect.isSuccess
      )
  }))
)
