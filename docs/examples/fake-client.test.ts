/**
 * `FastGet.layer` runs without workers, over the `HttpClient` it is given: in a
 * test, one that answers without a network.
 */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { FastGet, FetchError } from "fastget"
import { countStars } from "./fake-client.js"

const repositories: Record<string, unknown> = {
  "/repos/fast": { stars: 40 },
  "/repos/get": { stars: 2 },
  "/repos/odd": { stars: "many" }
}

const fakeClient = HttpClient.make((request, url) => {
  const found = repositories[url.pathname]
  const response = found === undefined ? new Response("no such repository", { status: 404 }) : Response.json(found)
  return Effect.succeed(HttpClientResponse.fromWeb(request, response))
})

const FastGetTest = FastGet.layer({ logLevel: "None" }).pipe(
  Layer.provide(Layer.succeed(HttpClient.HttpClient, fakeClient))
)

it.effect("counts the stars of the repositories that exist", () =>
  Effect.gen(function*() {
    const stars = yield* countStars(["fast", "missing", "get"])
    expect(stars).toBe(42)
  }).pipe(Effect.provide(FastGetTest)))

it.effect("fails where an answer is no repository", () =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(countStars(["fast", "odd"]))
    expect(FetchError.hasReason("Decode")(error)).toBe(true)
  }).pipe(Effect.provide(FastGetTest)))
