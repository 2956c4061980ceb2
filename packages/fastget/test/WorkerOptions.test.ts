import * as WorkerOptions from "#internal/worker/WorkerOptions"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { FetchWorker } from "fastget"

describe("what a worker is given", () => {
  it.each<readonly [given: object, message: string]>([
    [{ shcema: Schema.String }, "there is no such option; perhaps schema was meant"],
    [{ client: {} }, "The option client can't be an object of its own kind: it takes a Layer"],
    [{ keeps: [1] }, "The option keeps can't be a list: it takes a list of names"],
    [{ schema: "x" }, "The option schema can't be \"x\": it takes a Schema"],
    [{ decode: 1 }, "The option decode can't be a number: it takes a function"],
    [{ parseOptions: {} }, "it says how a schema decodes, and there is no schema"]
  ])("is refused by its name: %j", (given, message) => {
    expect(WorkerOptions.wrong(given)?.message).toContain(message)
  })

  it("may be left out, be undefined, and be of its kind", () => {
    expect(WorkerOptions.wrong({})).toBeUndefined()
    const given = {
      client: Layer.empty,
      keeps: ["client.tls"],
      schema: Schema.String,
      parseOptions: {},
      decode: String
    }
    expect(WorkerOptions.wrong(given)).toBeUndefined()
    expect(WorkerOptions.wrong({ ...given, decode: undefined })).toBeUndefined()
  })

  it.effect("is a defect of its program", () =>
    Effect.gen(function*() {
      const launched = FetchWorker.launch({ client: Layer.empty as never, shcema: Schema.String } as object)
      const runner = Effect.provideService(launched as Effect.Effect<void>, WorkerRunner.PlatformRunner, {} as never)
      const exit = yield* Effect.exit(runner)
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("InvalidOption: The option shcema can't be")
    }))
})
