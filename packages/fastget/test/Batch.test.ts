import * as Answers from "#internal/wire/Answers"
import * as Batch from "#internal/wire/Batch"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { FetchError, Outcome } from "fastget"

type Packed = readonly [index: number, answer: Outcome.Answer]

const unpack = (batch: Batch.WireBatch): ReadonlyArray<Packed> => {
  const all: Array<Packed> = []
  Batch.unpack(batch, (index, { result, ...answer }) => {
    // A packed body makes its bytes when they are asked for.
    all.push([index, { ...answer, result: result._tag === "Body" ? { _tag: "Body", body: result.body } : result }])
  })
  return all
}

/** What structuredClone with a transferred buffer makes of a batch: what arrives on the main thread. */
const sent = (batch: Batch.WireBatch): Batch.WireBatch => structuredClone(batch, { transfer: [batch.buffer] })

const word = FastCheck.integer({ min: 0, max: 2 ** 32 - 1 })

const results: FastCheck.Arbitrary<Outcome.AnswerResult> = FastCheck.oneof(
  FastCheck.uint8Array({ maxLength: 200 }).map((body) => ({ _tag: "Body", body }) as const),
  FastCheck.jsonValue().map((value) => ({ _tag: "Value", value }) as const),
  Arbitrary.make(FetchError.Reason).map((reason) => ({ _tag: "Failure", reason }) as const)
)

const answers: FastCheck.Arbitrary<Outcome.Answer> = FastCheck.record({
  result: results,
  status: FastCheck.integer({ min: 0, max: 999 }),
  headers: FastCheck.option(FastCheck.dictionary(FastCheck.string(), FastCheck.string()), { nil: undefined }),
  bytes: word,
  attempts: word,
  // Its microseconds are exact on the wire.
  elapsed: FastCheck.integer({ min: 0, max: 4_000_000 }),
  held: word
})

const batches = FastCheck.uniqueArray(word, { maxLength: 30 }).chain((indices) =>
  FastCheck.tuple(...indices.map((index) => answers.map((answer): Packed => [index, answer])))
)

const body: Outcome.Answer = {
  result: { _tag: "Body", body: new Uint8Array([1, 2, 3]) },
  status: 200,
  headers: undefined,
  bytes: 3,
  attempts: 1,
  elapsed: 1.5,
  held: 1
}

describe("a batch on the wire", () => {
  it("comes out as it went in, whatever is in it", () => {
    FastCheck.assert(FastCheck.property(batches, FastCheck.nat(), (batch, waiting) => {
      const arrived = sent(Batch.pack(batch, waiting))
      expect(arrived.waiting).toBe(waiting)
      expect(arrived.count).toBe(batch.length)
      expect(unpack(arrived)).toStrictEqual(batch)
    }))
  })

  it("says so much that does not fit into its words by their largest value", () => {
    const [[, answer]] = unpack(sent(Batch.pack([[0, { ...body, bytes: 2 ** 40, elapsed: 1e12 }]], 0))) as [Packed]
    expect(answer.bytes).toBe(2 ** 32 - 1)
    expect(answer.elapsed).toBe((2 ** 32 - 1) / 1000)
  })

  it("takes a body that is a view of a larger buffer", () => {
    const view = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5)
    const [[, answer]] = unpack(sent(Batch.pack([[0, { ...body, result: { _tag: "Body", body: view } }]], 0))) as [
      Packed
    ]
    expect(answer.result).toStrictEqual({ _tag: "Body", body: new Uint8Array([1, 2, 3]) })
  })

  it("carries no extras for plain bodies", () => {
    const batch = Batch.pack([[0, body], [1, body]], 0)
    expect(batch.extras).toEqual([])
    expect(batch.buffer.byteLength).toBe(2 * 28 + 6)
  })

  it("keeps undefined as a value", () => {
    const [[, answer]] = unpack(
      sent(Batch.pack([[5, { ...body, result: { _tag: "Value", value: undefined } }]], 0))
    ) as [
      Packed
    ]
    expect(answer.result).toStrictEqual({ _tag: "Value", value: undefined })
  })
})

describe("the text of a packed body", () => {
  const textsOf = (...bodies: ReadonlyArray<Uint8Array>) => {
    const texts: Array<string | undefined> = []
    const batch = Batch.pack(
      bodies.map((body, index) => [index, {
        ...Answers.unanswered({ _tag: "EmptyBody", status: 200 }),
        result: { _tag: "Body", body }
      }]),
      0
    )
    Batch.unpack(batch, (_, { result }) => texts.push(result._tag === "Body" ? result.text : undefined))
    return texts
  }
  const bytesOf = (text: string) => new TextEncoder().encode(text)

  it("is there where the whole batch is ASCII", () => {
    expect(textsOf(bytesOf("{\"a\":1}"), bytesOf(""), bytesOf("[]"))).toEqual(["{\"a\":1}", "", "[]"])
  })

  it.each([["letters beyond ASCII", bytesOf("\"é\"")], ["a byte order mark", bytesOf("\uFEFF{}")], [
    "what is not UTF-8",
    new Uint8Array([0xff])
  ]])("is not where one of the bodies has %s, and no body is taken for another", (_, odd) => {
    expect(textsOf(bytesOf("[1]"), odd, bytesOf("[2]"))).toEqual([undefined, undefined, undefined])
  })
})

describe("the bodies of a batch", () => {
  const decoded = (bodies: ReadonlyArray<string>): ReadonlyArray<unknown> => {
    const results: Array<unknown> = []
    const encoder = new TextEncoder()
    const answers = bodies.map((text, index): Packed => [
      index,
      { ...body, result: { _tag: "Body", body: encoder.encode(text) } }
    ])
    Batch.unpack(sent(Batch.pack(answers, 0)), (_, answer) => {
      results.push(Either.getOrElse(Outcome.decode(answer.result, "json"), (reason) => reason))
    })
    return results
  }

  it("are decoded one by one or together, with the same results", () => {
    const values = FastCheck.array(FastCheck.oneof(
      FastCheck.jsonValue(),
      // Some larger ones, so that batches are of both kinds.
      FastCheck.string({ minLength: 500, maxLength: 3000, unit: "binary" }),
      FastCheck.string({ minLength: 500, maxLength: 3000 })
    ))
    FastCheck.assert(FastCheck.property(values, (values) => {
      expect(decoded(values.map((value) => JSON.stringify(value)))).toStrictEqual(
        values.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
      )
    }))
  })
})
