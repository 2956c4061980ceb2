import * as ResultDecoder from "#internal/run/ResultDecoder"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { AnswerResult } from "fastget/Outcome"

const body = (text: string): AnswerResult => ({ _tag: "Body", body: new TextEncoder().encode(text) })

const value: AnswerResult = { _tag: "Value", value: { n: 1 } }

const bug = (): never => {
  throw new Error("a bug")
}

/** What a decoder makes of a result, as an Either. */
const decoded = (decoder: ReturnType<typeof ResultDecoder.make>, result: AnswerResult) =>
  // Whatever the schema needs is erased from the type, and those here need nothing.
  Effect.runSync(Effect.either(decoder(result)) as Effect.Effect<Either.Either<unknown, unknown>>)

describe("without a schema", () => {
  it("a body is what it is asked for as", () => {
    expect(decoded(ResultDecoder.make("json", undefined), body("[1]"))).toEqual(Either.right([1]))
    expect(decoded(ResultDecoder.make("text", undefined), body("[1]"))).toEqual(Either.right("[1]"))
    expect(decoded(ResultDecoder.make("bytes", undefined), body("[1]"))).toEqual(
      Either.right(new TextEncoder().encode("[1]"))
    )
    expect(decoded(ResultDecoder.make("json", undefined), body("["))).toMatchObject({ left: { _tag: "Decode" } })
  })
})

describe("with a schema", () => {
  const decoder = ResultDecoder.make("json", Schema.Struct({ n: Schema.NumberFromString }))

  it("all issues are told, unless the options want less, and the options are those of Schema", () => {
    const schema = Schema.Struct({ a: Schema.Number, b: Schema.Number })
    const issuesOf = (options: Parameters<typeof ResultDecoder.make>[2], text: string) => {
      const result = decoded(ResultDecoder.make("json", schema, options), body(text))
      return (result as { left?: { issues: ReadonlyArray<unknown> } }).left?.issues.length
    }
    expect(issuesOf(undefined, "{}")).toBe(2)
    expect(issuesOf({ errors: "first" }, "{}")).toBe(1)
    expect(issuesOf({}, `{"a":1,"b":2,"c":3}`)).toBeUndefined()
    expect(issuesOf({ onExcessProperty: "error" }, `{"a":1,"b":2,"c":3}`)).toBe(1)
  })

  it("JSON and a worker's values are decoded, and what is neither is a failure", () => {
    expect(decoded(decoder, body("{\"n\":\"7\"}"))).toEqual(Either.right({ n: 7 }))
    expect(decoded(decoder, { _tag: "Value", value: { n: "7" } })).toEqual(Either.right({ n: 7 }))
    expect(decoded(decoder, body("{\"n\":7}"))).toMatchObject({ left: { _tag: "Decode" } })
    expect(decoded(decoder, body("{"))).toMatchObject({ left: { _tag: "Decode" } })
  })

  it("that has no effect needs no fiber", () => {
    expect(Either.isEither(decoder(body("{\"n\":\"7\"}")))).toBe(true)
  })

  it.effect("that has effects is run, and one with a bug is the entry's failure", () =>
    Effect.gen(function*() {
      const slow = Schema.transformOrFail(Schema.Number, Schema.Number, {
        decode: (n) => n === 0 ? Effect.sync(bug) : Effect.as(Effect.yieldNow(), n + 1),
        encode: Effect.succeed
      })
      const decoder = ResultDecoder.make("json", slow)
      expect(yield* decoder(body("1"))).toBe(2)
      expect(yield* Effect.flip(decoder(body("0")))).toEqual({ _tag: "Decode", problem: "thrown", where: "the schema" })
      const thrown = ResultDecoder.make(
        "json",
        Schema.transform(Schema.Number, Schema.Number, { decode: bug, encode: bug })
      )
      expect(yield* Effect.flip(thrown(body("1")))).toEqual({ _tag: "Decode", problem: "thrown", where: "the schema" })
    }))
})

describe("with a function of the text", () => {
  it("that is called with what a body has of a body, and null for an empty one", () => {
    const decoder = ResultDecoder.ofParse(Either.right)
    expect([decoder(body("{ }")), decoder(body(""))]).toEqual([Either.right("{ }"), Either.right("null")])
  })

  it("a worker's value and a failure are left as they are, and what throws is the entry's failure", () => {
    expect(ResultDecoder.ofParse(bug)(value)).toEqual(Either.right({ n: 1 }))
    expect(ResultDecoder.ofParse(bug)(body("1"))).toEqual(
      Either.left({ _tag: "Decode", problem: "thrown", where: "parse" })
    )
  })
})
