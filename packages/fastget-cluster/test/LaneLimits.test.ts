import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastGetConfig from "fastget/FastGetConfig"
import { expect, it } from "vitest"
import * as LaneLimits from "../src/internal/runner/LaneLimits.js"

const limits = (options: FastGetConfig.LayerOptions, lanes: number) =>
  Effect.runSync(Effect.either(
    Effect.flatMap(FastGetConfig.resolve(options, FastGetConfig.defaults(1)), (settings) =>
      LaneLimits.of(settings, lanes))
  ))

it("one lane has all of an origin's limits, as the options say", () => {
  expect(limits({ rate: "100/s" }, 1)).toEqual(Either.right({}))
})

it("all lanes of an origin together have no more than its limits", () => {
  const options = {
    connectionsPerOrigin: 10,
    rate: { requests: 100, per: "1 second", burst: 7 },
    origins: { "a.example.com": { connections: 9, rate: "5/s" }, "*.example.org": {} }
  } as const
  expect(limits(options, 4)).toEqual(Either.right({
    connectionsPerOrigin: 2,
    rate: { requests: 100, per: 4000, burst: 1 },
    origins: { "a.example.com": { connections: 2, rate: { requests: 5, per: 4000 } }, "*.example.org": {} }
  }))
  expect(limits({}, 4)).toEqual(Either.right({ connectionsPerOrigin: 16, origins: {} }))
})

it.each([
  [{ connectionsPerOrigin: 3 }, 4, "at most 3, the fewest connections of an origin"],
  [{ origins: { "a.example.com": { connections: 2 } } }, 3, "at most 2, the fewest connections of an origin"]
])("an origin has a connection for each of its lanes: %j with %i is refused", (options, lanes, range) => {
  expect(Either.getLeft(limits(options, lanes)).pipe((left) => left._tag === "Some" ? left.value : undefined))
    .toMatchObject({ option: "lanes", value: String(lanes), range })
})
