import * as CallOptions from "#internal/run/CallOptions"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { FastGet, FastGetTest } from "fastget"

describe("what a call is given beside the options of its stream", () => {
  it.each<readonly [given: object, message: string]>([
    [{ as: "xml" }, "The option as can't be \"xml\": it takes \"json\", \"text\" or \"bytes\""],
    [{ schema: {} }, "The option schema can't be an object of its own kind: it takes a Schema"],
    [
      { parseOptions: { errors: "first" } },
      "The option parseOptions can't be given here: it says how a schema decodes, and there is no schema"
    ],
    [{ parse: "text" }, "The option parse can't be \"text\": it takes a function"],
    [{ drain: 5 }, "The option drain can't be a number: it takes an Effect"],
    [{ withHeaders: null }, "The option withHeaders can't be null: it takes true or false"]
  ])("is refused by its name: %j", (given, message) => {
    expect(CallOptions.wrong(given)?.message).toBe(message)
  })

  it("may be left out, be undefined, and be of its kind", () => {
    const parse = (text: string) => Either.right(text)
    expect(CallOptions.wrong({})).toBeUndefined()
    expect(CallOptions.wrong({ as: undefined, drain: undefined })).toBeUndefined()
    expect(CallOptions.wrong({ as: "text", schema: Schema.String, parse, drain: Effect.void, withHeaders: false }))
      .toBeUndefined()
  })

  it.effect("is a defect of the call", () =>
    Effect.gen(function*() {
      const entries = [[1, "http://a.example/"]] as const
      const calls: ReadonlyArray<Effect.Effect<unknown, unknown, FastGet.FastGet>> = [
        Stream.runDrain(FastGet.outcomes(entries, { withHeaders: "yes" as unknown as boolean })),
        Stream.runDrain(FastGet.outcomes(entries, { as: "xml" as "text" })),
        Effect.asVoid(FastGet.get("http://a.example/", { schema: 1 as unknown as typeof Schema.String }))
      ]
      for (const call of calls) {
        const exit = yield* Effect.exit(Effect.provide(call, FastGetTest.layer({})))
        expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toMatch(/InvalidOption: The option \w+ can't be/)
      }
    }))
})
