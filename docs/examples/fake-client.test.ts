/**
 * In a test `FastGetTest.layer` takes the place of the program's own layer: it
 * answers by URL, without a network.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FastGetTest, FetchError } from "fastget"
import { countStars } from "./fake-client.js"

const GitHubTest = FastGetTest.layer({
  "*/repos/fast": FastGetTest.json({ stars: 40 }),
  "*/repos/get": FastGetTest.json({ stars: 2 }),
  "*/repos/odd": FastGetTest.json({ stars: "many" }),
  "*/repos/*": FastGetTest.status(404)
})

it.effect("counts the stars of the repositories that exist", () =>
  Effect.gen(function*() {
    const stars = yield* countStars(["fast", "missing", "get"])
    expect(stars).toBe(42)
  }).pipe(Effect.provide(GitHubTest)))

it.effect("fails where an answer is no repository", () =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(countStars(["fast", "odd"]))
    expect(FetchError.hasReason("Decode")(error)).toBe(true)
  }).pipe(Effect.provide(GitHubTest)))
