import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Runtime from "effect/Runtime"
import type { Case } from "./law/LawCase.js"
import * as LawCase from "./law/LawCase.js"
import * as LawModel from "./law/LawModel.js"
import * as LawPools from "./law/LawPools.js"
import * as LawRun from "./law/LawRun.js"
import * as LawServer from "./law/LawServer.js"
import * as Threads from "./Threads.js"
import { within } from "./Within.js"

const runs = Number(process.env.PROPERTY_RUNS ?? 25)
// The same cases each time: `npm run soak` is what draws others, by chance.
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101)

/** What a run of the property found, in words. */
const describeFailure = (
  { counterexample, error, numRuns, numShrinks, seed }: FastCheck.RunDetails<[Case]>
): string =>
  [
    `After ${numRuns} cases and ${numShrinks} steps of shrinking (seed ${seed}):`,
    error ?? "no case failed, and time ran out",
    ...(counterexample === null ? [] : ["The smallest case:", LawCase.show(counterexample[0])]),
    `Again: PROPERTY_SEED=${seed} PROPERTY_RUNS=${runs} npx vitest run packages/fastget-node/test/Law.test.ts`
  ].join("\n")

/** Runs the property over pools that live as long as this does. */
const check = (server: LawServer.LawServer): Effect.Effect<FastCheck.RunDetails<[Case]>> =>
  Effect.scoped(Effect.gen(function*() {
    const pools = yield* LawPools.make
    const runPromise = Runtime.runPromise(yield* Effect.runtime<never>())
    const property = FastCheck.asyncProperty(LawCase.arbitrary, (testCase) =>
      runPromise(Effect.gen(function*() {
        const pool = yield* pools.get(testCase.pool)
        const broken = LawModel.violations(testCase, yield* LawRun.run(testCase, server, pool))
        if (broken.length > 0) throw new Error(broken.join("\n"))
      })))
    const details = yield* Effect.promise(() =>
      Promise.resolve(
        FastCheck.check(property, { numRuns: runs, seed, interruptAfterTimeLimit: 120_000 + runs * 4000 })
      )
    )
    // Until the requests of the last cases would be too late, too.
    yield* Effect.sleep("1 second")
    yield* within(1000, "no request without an answer", () => server.unanswered() === 0)
    return details
  }))

describe("exactly one outcome for each entry", () => {
  it.scopedLive(`in any of ${runs} cases (seed ${seed})`, () =>
    Effect.gen(function*() {
      const threads = yield* Threads.watch
      const server = yield* LawServer.make
      const details = yield* check(server)
      expect(details.failed || details.interrupted ? describeFailure(details) : "").toBe("")
      expect(details.numRuns).toBe(runs)
      expect(server.late()).toEqual([])
      yield* within(1000, "no thread and no socket", () => threads.alive() === 0 && server.openSockets() === 0)
    }), 180_000 + runs * 4000)
})
