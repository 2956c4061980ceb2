import * as PoolChecks from "#internal/run/PoolChecks"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastGetConfig from "fastget/FastGetConfig"
import type { Pool } from "fastget/FetchPool"

const bare: Pool = { workers: [], isYoung: () => false }

const settings = (options: FastGetConfig.LayerOptions = {}) => FastGetConfig.resolve(options, FastGetConfig.defaults(1))

/** What a layer of these options is told over a pool; undefined where all of them are kept. */
const refused = (options: FastGetConfig.LayerOptions, pool: Pool) =>
  Effect.flatMap(settings(options), (resolved) =>
    Effect.match(PoolChecks.ofLayer(resolved, pool), {
      onFailure: ({ message, option }) => [option, message],
      onSuccess: () => undefined
    }))

describe("a layer over a pool", () => {
  it.effect("that is set to what the pool keeps is taken", () =>
    Effect.gen(function*() {
      const { concurrency, origins, rate, throttle } = yield* settings({ rate: "5/s" })
      const limits = { concurrency, origins, rate, throttle } as Pool["limits"] & {}
      expect(yield* refused({ rate: "5/s" }, { ...bare, limits })).toBe(undefined)
      expect(yield* refused({ rate: "5/s" }, bare)).toBe(undefined)
      expect(yield* refused({ denyPrivate: true }, { ...bare, denyPrivate: true })).toBe(undefined)
    }))

  it.effect("is refused a limit that the pool was made without, by its name", () =>
    Effect.gen(function*() {
      const { concurrency, origins, rate, throttle } = yield* settings()
      const pool = { ...bare, limits: { concurrency, origins, rate, throttle } as Pool["limits"] & {} }
      const options: ReadonlyArray<FastGetConfig.LayerOptions> = [
        { rate: "5/s" },
        { origins: { "a.example": { rate: "1/s" } } },
        { throttle: false },
        { concurrency: "adaptive" }
      ]
      const all = yield* Effect.forEach(options, (one) => refused(one, pool))
      expect(all.map((one) => one?.[0])).toEqual(options.map((one) => Object.keys(one)[0]))
    }))

  it.effect("is refused a guard that the pool does not have", () =>
    Effect.gen(function*() {
      const [option, message] = (yield* refused({ denyPrivate: true }, bare)) ?? []
      expect([option, message]).toEqual(["denyPrivate", expect.stringContaining("false over this pool")])
    }))
})

describe("a stream over a pool", () => {
  it.effect("has its options over the layer's settings, and none that can't be", () =>
    Effect.gen(function*() {
      const layer = yield* settings({ timeout: "5 seconds" })
      expect(yield* PoolChecks.ofStream({ maxRedirects: 3 }, layer, bare)).toMatchObject({
        timeout: 5000,
        maxRedirects: 3
      })
      expect(yield* Effect.flip(PoolChecks.ofStream({ maxRedirects: -1 }, layer, bare))).toMatchObject({
        option: "maxRedirects"
      })
    }))

  it.effect("is refused the header host where the pool loses it", () =>
    Effect.gen(function*() {
      const layer = yield* settings()
      const host = { headers: { host: "b.example" } }
      const over = (losesHost?: boolean) =>
        PoolChecks.ofStream(
          host,
          layer,
          losesHost === undefined ? bare : { ...bare, losesHost: Effect.succeed(losesHost) }
        )
      expect(yield* Effect.flip(over(true))).toMatchObject({
        option: "headers",
        message: expect.stringContaining("\"host\" is left out by fetch")
      })
      expect((yield* over(false)).headers).toEqual(host.headers)
      expect((yield* over()).headers).toEqual(host.headers)
    }))

  it.effect("is refused headers that can't be sent, also where the settings were made by hand", () =>
    Effect.gen(function*() {
      const layer = { ...(yield* settings()), headers: { "bad name": "1" } }
      expect(yield* Effect.flip(PoolChecks.ofStream({}, layer, bare))).toMatchObject({ option: "headers" })
    }))
})
