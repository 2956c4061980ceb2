import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

it.scopedLive(
  "a stream's own rate is kept by all threads together, and slows no other stream of the layer",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const entries = (count: number) => Array.from({ length: count }, (_, n) => [n, `${url}/${n}`] as const)
      const startedAt = performance.now()
      const order: Array<string> = []
      const run = (name: string, count: number, options: FastGet.WithoutSchema) =>
        Stream.runCount(FastGet.stream(entries(count), options)).pipe(
          Effect.tap((answers) => order.push(`${name}: ${answers}`))
        )
      yield* Effect.all([run("slow", 40, { rate: "20/s" }), run("fast", 40, {})], { concurrency: 2 }).pipe(
        Effect.provide(NodeFastGet.layer({ numWorkers: 4, logLevel: "None" }))
      )
      expect(order).toEqual(["fast: 40", "slow: 40"])
      // 39 turns after the first one, each 50 ms behind the one before. A slow machine takes longer.
      expect(performance.now() - startedAt).toBeGreaterThan(1900)
    }),
  60_000
)
