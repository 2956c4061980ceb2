import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import * as JobFlags from "../../src/flags/JobFlags.js"

const none = {
  as: Option.none(),
  chunkSize: Option.none(),
  sinkDir: Option.none(),
  sinkOwn: false,
  storeSecrets: false
}

describe("JobFlags", () => {
  it.effect("makes options of a job", () =>
    Effect.gen(function*() {
      expect(yield* JobFlags.resolve(none)).toEqual({ storeSecrets: false })
      const all = { ...none, as: Option.some("text"), chunkSize: Option.some("20"), sinkDir: Option.some("out") }
      expect(yield* JobFlags.resolve(all)).toEqual({
        as: "text",
        chunkSize: 20,
        sink: { folder: "out" },
        storeSecrets: false
      })
      expect(yield* JobFlags.resolve({ ...none, sinkOwn: true })).toMatchObject({ sink: "own" })
    }))

  it.effect("refuses secrets that may not be stored, and names their header", () =>
    Effect.gen(function*() {
      const headers = { accept: "a/b", authorization: Redacted.make("secret") }
      const error = yield* Effect.flip(JobFlags.resolve(none, headers))
      expect(error.message).toContain("The header authorization is of the environment")
      expect(yield* JobFlags.resolve({ ...none, storeSecrets: true }, headers)).toEqual({ storeSecrets: true })
    }))
})
