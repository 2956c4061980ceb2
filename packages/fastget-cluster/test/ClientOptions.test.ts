import * as Effect from "effect/Effect"
import * as FastGetConfig from "fastget/FastGetConfig"
import { describe, expect, it } from "vitest"
import * as ClientOptions from "../src/internal/client/ClientOptions.js"

const resolve = (options: object) => Effect.runSync(Effect.either(ClientOptions.resolve(options)))

const ofLayers = Object.entries(FastGetConfig.fields).flatMap(([name, { scope }]) => scope === "layer" ? [name] : [])

describe("a client of a cluster", () => {
  it("has its own options and those of a stream", () => {
    const resolved = resolve({ lanes: 3, runnerTimeout: "2 seconds", timeout: "5 seconds", headers: { a: "b" } })
    expect(resolved).toMatchObject({
      right: { lanes: 3, runnerTimeout: 2000, settings: { timeout: 5000, headers: { a: "b" } } }
    })
    expect(resolve({})).toMatchObject({ right: { lanes: 1, runnerTimeout: 60_000 } })
  })

  it.each([...ofLayers, "rate"])("refuses %s, which the runners keep", (option) => {
    expect(resolve({ [option]: 1 })).toMatchObject({ left: { option, problem: expect.stringContaining("runner") } })
  })

  it("refuses an adaptive concurrency, and takes a number", () => {
    expect(resolve({ concurrency: "adaptive" })).toMatchObject({ left: { option: "concurrency" } })
    expect(resolve({ concurrency: 7 })).toMatchObject({ right: { settings: { concurrency: 7 } } })
  })

  it.each([
    [{ lanes: 0 }, "lanes"],
    [{ lanes: 65 }, "lanes"],
    [{ runnerTimeout: "soon" }, "runnerTimeout"],
    [{ timeot: "1 second" }, "timeot"],
    [{ timeout: -1 }, "timeout"]
  ])("refuses %j by name", (options, option) => {
    expect(resolve(options)).toMatchObject({ left: { option } })
  })
})
