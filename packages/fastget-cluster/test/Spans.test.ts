/** Spans of the runners belong to the caller's trace. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { FastGet } from "fastget"
import { LoopbackServer, Sqlite } from "loopback"
import { embedded } from "./support.js"

describe.skipIf(Sqlite.isMissing)("a stream over a cluster", () => {
  it.scopedLive("has one trace, with the spans of its runners in it", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.Span> = []
      const native = yield* Effect.tracer
      const tracer = Tracer.make({
        span: (...args) => {
          const span = native.span(...args)
          spans.push(span)
          return span
        },
        context: (f) => f()
      })
      const { url } = yield* LoopbackServer.make()
      yield* Stream.runDrain(FastGet.stream([[1, `${url}/a`], [2, `${url}/b`]], { spans: "chunk" })).pipe(
        Effect.withSpan("caller"),
        Effect.provide(embedded({}, { spans: "chunk" })),
        Effect.provide(Layer.setTracer(tracer))
      )
      const ours = spans.filter(({ name }) => !name.startsWith("sql."))
      const childrenOf = (id: string) =>
        ours.filter(({ parent }) => parent._tag === "Some" && parent.value.spanId === id)
      const [caller] = ours.filter(({ name }) => name === "caller")
      expect(new Set(ours.map(({ traceId }) => traceId))).toEqual(new Set([caller!.traceId]))
      // The caller, its stream, a chunk, the message of it, that message at the runner, and the runner's chunk.
      const names: Array<string> = []
      for (let span: Tracer.Span | undefined = caller; span !== undefined; span = childrenOf(span.spanId)[0]) {
        names.push(span.name.replace(/\(.*\)/, ""))
      }
      expect(names).toEqual([
        "caller",
        "FastGet.stream",
        "FastGet.chunk",
        "fastget/Origins.client.Fetch",
        "fastget/Origins.Fetch",
        "FastGet.chunk"
      ])
    }))
})
