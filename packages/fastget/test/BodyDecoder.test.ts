import * as BodyDecoder from "#internal/worker/BodyDecoder"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BlackBox } from "fastget/platform/BlackBox"

const response = { url: "http://a/", status: 200, headers: {} }

/** What becomes of a body that has this index in the chunk with number 3. */
const decode = <A>(options: BodyDecoder.Options<A>, text: string, box?: BlackBox) =>
  Effect.suspend(() =>
    BodyDecoder.make(options, box)!({ number: 3, decodeTimeout: 50 })(new TextEncoder().encode(text), response, 7)
  )

describe("BodyDecoder", () => {
  it("is none where a worker has no code of its own", () => {
    expect(BodyDecoder.make({})).toBeUndefined()
  })

  it.live("sends the encoded form of a schema, or where a body does not fit", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ n: Schema.NumberFromString })
      expect(yield* decode({ schema }, `{"n":"1","x":2}`))
        .toEqual({ _tag: "Body", body: new TextEncoder().encode(`{"n":"1"}`) })
      expect(yield* decode({ schema }, `{"n":"x"}`)).toMatchObject({ reason: { _tag: "Decode", problem: "schema" } })
      const strict = { schema, parseOptions: { onExcessProperty: "error" } } as const
      expect(yield* decode(strict, `{"n":"1","x":2}`)).toMatchObject({ reason: { issues: [{ path: ["x"] }] } })
      expect(yield* decode({ schema }, "no JSON")).toMatchObject({ reason: { _tag: "Decode", problem: "syntax" } })
    }))

  it.live("sends the value of decode, or of its Effect", () =>
    Effect.gen(function*() {
      expect(yield* decode({ decode: (json) => [json] }, "1")).toEqual({ _tag: "Value", value: [1] })
      const later = Effect.delay(Effect.succeed(2), 1)
      expect(yield* decode({ decode: () => later }, "1")).toEqual({ _tag: "Value", value: 2 })
    }))

  it.live("tells why there is no value", () =>
    Effect.gen(function*() {
      const problemOf = (decoder: () => unknown) => decode({ decode: decoder }, "1")
      expect(
        yield* problemOf(() => {
          throw new TypeError("a secret")
        })
      ).toMatchObject({ reason: { problem: "thrown", where: "decode threw TypeError" } })
      expect(yield* problemOf(() => () => 1)).toMatchObject({ reason: { problem: "notCloneable" } })
      expect(yield* problemOf(() => Effect.never)).toMatchObject({ reason: { problem: "timeout" } })
    }))

  it.live("tells the black box whose code runs, at once and later, and that it has ended", () =>
    Effect.gen(function*() {
      const box = new BlackBox()
      const seen: Array<unknown> = []
      const go = yield* Deferred.make<void>()
      const look = () => seen.push(box.running())
      const fiber = yield* Effect.fork(decode(
        { decode: () => (look(), Effect.zipRight(Deferred.await(go), Effect.sync(look))) },
        "1",
        box
      ))
      yield* Effect.yieldNow()
      expect(box.running()).toBeUndefined()
      yield* Deferred.succeed(go, undefined)
      yield* Effect.fromFiber(fiber)
      expect(seen).toEqual([{ chunk: 3, entry: 7 }, { chunk: 3, entry: 7 }])
      expect(box.running()).toBeUndefined()
    }))
})
