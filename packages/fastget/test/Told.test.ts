import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Told } from "fastget/platform/Told"

it.effect("a program that no layer has started knows of nothing it was told, and another what it was", () =>
  Effect.gen(function*() {
    expect(yield* Told).toBeUndefined()
    expect(yield* Effect.provideService(Told, "7")(Told)).toBe("7")
  }))
