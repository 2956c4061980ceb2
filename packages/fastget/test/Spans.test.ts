import * as CallerLocation from "#internal/run/CallerLocation"
import * as Spans from "#internal/run/Spans"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { FastGet, FastGetTest } from "fastget"
import { quiet } from "./traffic/QuietOrigin.js"

interface Told {
  readonly name: string
  readonly parent: string | undefined
  readonly end: string
  readonly attributes: Readonly<Record<string, unknown>>
}

const endOf = ({ status }: Tracer.Span): string => {
  if (status._tag === "Started") return "open"
  if (Exit.isSuccess(status.exit)) return "ok"
  return Exit.isInterrupted(status.exit) ? "interrupted" : "failed"
}

const answers = {
  "http://a.example/3*": FastGetTest.status(404),
  "http://*": FastGetTest.json({})
}

/** The spans of a program, in the order in which they began. */
const spansOf = (program: Effect.Effect<unknown, unknown, FastGet.FastGet>, isSampled = true) =>
  Effect.gen(function*() {
    const spans: Array<Tracer.Span> = []
    const native = yield* Effect.tracer
    const tracer = Tracer.make({
      span: (...args) => {
        const span = native.span(...args)
        if (!isSampled) Reflect.set(span, "sampled", false)
        spans.push(span)
        return span
      },
      context: (f) => f()
    })
    yield* Effect.exit(program).pipe(
      Effect.provide(FastGetTest.layer(answers, { retry: { times: 0 } })),
      Effect.withTracer(tracer)
    )
    return spans.map((span): Told => ({
      name: span.name,
      parent: span.parent._tag === "Some" && span.parent.value._tag === "Span" ? span.parent.value.name : undefined,
      end: endOf(span),
      attributes: Object.fromEntries(span.attributes)
    }))
  })

const entries = Array.from({ length: 5 }, (_, n) => [n, `http://user:pass@a.example/${n}?token=s3cr3t`] as const)

describe("the span of a run", () => {
  it.live("tells what it came to, and has no other beside it", () =>
    Effect.gen(function*() {
      const spans = yield* spansOf(Effect.withSpan(Stream.runDrain(FastGet.streamEither(entries)), "mine"))
      expect(spans).toMatchObject([
        { name: "mine", end: "ok" },
        {
          name: "FastGet.stream",
          parent: "mine",
          end: "ok",
          attributes: {
            "fastget.outcomes": 5,
            "fastget.requests": 5,
            "fastget.bytes": 8,
            "fastget.failures": 1,
            "fastget.failures.Status": 1
          }
        }
      ])
    }))

  it.live("ends well where its consumer has enough, and fails as the run does, with where it was called", () =>
    Effect.gen(function*() {
      const [some] = yield* spansOf(Stream.runDrain(Stream.take(FastGet.stream(entries), 2)))
      expect(some).toMatchObject({ name: "FastGet.stream", end: "ok" })
      const [failed] = yield* spansOf(Stream.runDrain(FastGet.stream(entries)))
      expect(failed).toMatchObject({ name: "FastGet.stream", end: "failed" })
      expect(CallerLocation.make()()).toContain("Spans.test")
    }))

  it("names the server that limits most, if one does", () => {
    const refused = { ...quiet, refusals: quiet.refusals + 1 }
    expect(Spans.limitOf([], [quiet, refused])).toBeUndefined()
    const limited = [
      { ...refused, learnedRate: 98.4 },
      { ...refused, origin: "http://b", learnedRate: 9.9 },
      { ...refused, origin: "http://c", learnedRate: 1 }
    ]
    expect(Spans.limitOf([], limited.slice(0, 2))).toBe("about 10 requests/s at http://b")
    // What limited another run is not what limits this one.
    expect(Spans.limitOf(limited.slice(2), limited)).toBe("about 10 requests/s at http://b")
  })
})

describe("spans of chunks and entries", () => {
  it.live("are there where they are asked for, and none ends as interrupted after a success", () =>
    Effect.gen(function*() {
      const whole = yield* spansOf(Stream.runDrain(FastGet.streamEither(entries, { spans: "chunk" })))
      const chunks = whole.filter(({ name }) => name === "FastGet.chunk")
      expect(chunks.length).toBeGreaterThan(1)
      expect(new Set(chunks.map(({ end, parent }) => `${parent} ${end}`))).toEqual(new Set(["FastGet.stream ok"]))
      const some = yield* spansOf(Stream.runDrain(Stream.take(FastGet.streamEither(entries, { spans: "chunk" }), 1)))
      expect(new Set(some.map(({ end }) => end))).toEqual(new Set(["ok"]))
    }))

  it.live("of entries say what the conventions of HTTP have names for, and no secret", () =>
    Effect.gen(function*() {
      const spans = yield* spansOf(Stream.runDrain(FastGet.streamEither(entries, { spans: "entry" })))
      const gets = spans.filter(({ name }) => name === "GET")
      expect(gets.length).toBe(5)
      expect(gets.find(({ end }) => end === "failed")).toMatchObject({
        parent: "FastGet.chunk",
        attributes: {
          "http.request.method": "GET",
          "url.full": "http://a.example/3",
          "server.address": "a.example",
          "http.response.status_code": 404,
          "error.type": "404"
        }
      })
      expect(JSON.stringify(spans)).not.toMatch(/s3cr3t|pass/)
    }))

  it.live("of entries are not made below a span that is not sampled", () =>
    Effect.gen(function*() {
      const spans = yield* spansOf(Stream.runDrain(FastGet.streamEither(entries, { spans: "entry" })), false)
      expect(spans.filter(({ name }) => name === "GET")).toEqual([])
    }))
})
