import * as Traffic from "#internal/wire/Traffic"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { FastGetConfig } from "fastget"

describe("the limits that a worker is told", () => {
  it("are those of the layer, and cross threads whatever else its settings hold", () => {
    const options: FastGetConfig.LayerOptions = {
      connectionsPerOrigin: 3,
      maxConnections: 9,
      rate: "5/s",
      throttle: false,
      concurrency: "adaptive",
      origins: { "*.a.example": { connections: 2 } }
    }
    const settings = Effect.runSync(FastGetConfig.resolve(options, FastGetConfig.defaults(1)))
    const limits = Traffic.limitsOf({ ...settings, onProgress: () => {} } as typeof settings)
    const { concurrency, connectionsPerOrigin, maxConnections, origins, rate, throttle } = settings
    expect(structuredClone(limits)).toEqual({
      concurrency,
      connectionsPerOrigin,
      maxConnections,
      origins,
      rate,
      throttle
    })
    expect([limits.connectionsPerOrigin, limits.concurrency, limits.origins.length]).toEqual([3, "adaptive", 1])
  })
})
