import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { FetchError, Json, Outcome } from "fastget"

type Packed = readonly [index: number, answer: Outcome.Answer]

const unpack = (batch: Outcome.WireBatch): ReadonlyArray<Packed> => {
  const all: Array<Packed> = []
  Outcome.unpack(batch, (index, { result, ...answer }) => {
    // A packed body makes its bytes when they are asked for.
    all.push([index, { ...answer, result: result._tag === "Body" ? { _tag: "Body", body: result.body } : result }])
  })
  return all
}

/** What structuredClone with a transferred buffer makes of a batch: what arrives on the main thread. */
const sent = (batch: Outcome.WireBatch): Outcome.WireBatch => structuredClone(batch, { transfer: [batch.buffer] })

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
    FastCheck.assert(
      FastCheck.property(batches, FastCheck.nat(), (batch, waiting) => {
        const arrived = sent(Outcome.pack(batch, waiting))
        expect(arrived.waiting).toBe(waiting)
        expect(arrived.count).toBe(batch.length)
        expect(unpack(arrived)).toStrictEqual(batch)
      }),
      { seed: 17 }
    )
  })

  it("says so much that does not fit into its words by their largest value", () => {
    const [[, answer]] = unpack(sent(Outcome.pack([[0, { ...body, bytes: 2 ** 40, elapsed: 1e12 }]], 0))) as [Packed]
    expect(answer.bytes).toBe(2 ** 32 - 1)
    expect(answer.elapsed).toBe((2 ** 32 - 1) / 1000)
  })

  it("takes a body that is a view of a larger buffer", () => {
    const view = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5)
    const [[, answer]] = unpack(sent(Outcome.pack([[0, { ...body, result: { _tag: "Body", body: view } }]], 0))) as [
      Packed
    ]
    expect(answer.result).toStrictEqual({ _tag: "Body", body: new Uint8Array([1, 2, 3]) })
  })

  it("carries no extras for plain bodies", () => {
    const batch = Outcome.pack([[0, body], [1, body]], 0)
    expect(batch.extras).toEqual([])
    expect(batch.buffer.byteLength).toBe(2 * 28 + 6)
  })

  it("keeps undefined as a value", () => {
    const [[, answer]] = unpack(
      sent(Outcome.pack([[5, { ...body, result: { _tag: "Value", value: undefined } }]], 0))
    ) as [
      Packed
    ]
    expect(answer.result).toStrictEqual({ _tag: "Value", value: undefined })
  })
})

describe("the text of a packed body", () => {
  const textsOf = (...bodies: ReadonlyArray<Uint8Array>) => {
    const texts: Array<string | undefined> = []
    const batch = Outcome.pack(
      bodies.map((body, index) => [index, {
        ...Outcome.unanswered({ _tag: "EmptyBody", status: 200 }),
        result: { _tag: "Body", body }
      }]),
      0
    )
    Outcome.unpack(batch, (_, { result }) => texts.push(result._tag === "Body" ? result.text : undefined))
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

describe("Outcome.decode", () => {
  const bodyOf = (text: string): Outcome.AnswerResult => ({ _tag: "Body", body: new TextEncoder().encode(text) })

  it("gives the body in the form asked for", () => {
    expect(Outcome.decode(bodyOf("[1]"), "json")).toStrictEqual(Either.right([1]))
    expect(Outcome.decode(bodyOf("[1]"), "text")).toStrictEqual(Either.right("[1]"))
    expect(Outcome.decode(bodyOf("[1]"), "bytes")).toStrictEqual(Either.right(new Uint8Array([91, 49, 93])))
  })

  it("gives bytes that don't keep their batch alive", () => {
    const whole = new Uint8Array(1000)
    const result = Outcome.decode({ _tag: "Body", body: whole.subarray(0, 3) }, "bytes")
    expect((Either.getOrThrow(result) as Uint8Array).buffer.byteLength).toBe(3)
  })

  it("gives null for an empty body as JSON, and empty text and bytes", () => {
    expect(Outcome.decode(bodyOf(""), "json")).toStrictEqual(Either.right(null))
    expect(Outcome.decode(bodyOf(""), "text")).toStrictEqual(Either.right(""))
    expect(Outcome.decode(bodyOf(""), "bytes")).toStrictEqual(Either.right(new Uint8Array(0)))
  })

  it("passes failures and values on", () => {
    const reason: FetchError.Reason = { _tag: "EmptyBody", status: 204 }
    expect(Outcome.decode({ _tag: "Failure", reason }, "json")).toStrictEqual(Either.left(reason))
    expect(Outcome.decode({ _tag: "Value", value: 7 }, "json")).toStrictEqual(Either.right(7))
  })
})

describe("refuseDeep", () => {
  const nested = (depth: number): Outcome.Answer => ({
    ...body,
    result: { _tag: "Body", body: new TextEncoder().encode("[".repeat(depth) + "]".repeat(depth)) }
  })

  it("makes a failure of a body that is nested too deep, and keeps what else is known of it", () => {
    const answer = nested(Json.maxDepth + 1)
    expect(Outcome.refuseDeep(answer)).toStrictEqual({
      ...answer,
      result: { _tag: "Failure", reason: { _tag: "Decode", problem: "depth", where: `position ${Json.maxDepth}` } }
    })
  })

  it("leaves every other answer as it is", () => {
    for (const answer of [nested(Json.maxDepth), body, Outcome.unanswered({ _tag: "EmptyBody", status: 204 })]) {
      expect(Outcome.refuseDeep(answer)).toBe(answer)
    }
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
    Outcome.unpack(sent(Outcome.pack(answers, 0)), (_, answer) => {
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
    FastCheck.assert(
      FastCheck.property(values, (values) => {
        expect(decoded(values.map((value) => JSON.stringify(value)))).toStrictEqual(
          values.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
        )
      }),
      { seed: 17 }
    )
  })
})

describe("the memory of a large body", () => {
  const text = JSON.stringify("x".repeat(100_000))

  const arrived = (moved: boolean): Outcome.AnswerResult => {
    const large = new Uint8Array(new TextEncoder().encode(text))
    const batch = Outcome.pack([[0, { ...body, result: { _tag: "Body", body: large } }]], 0)
    expect(batch.large.length).toBe(1)
    let result: Outcome.AnswerResult | undefined
    Outcome.unpack(moved ? { ...batch, moved } : batch, (_, answer) => {
      result = answer.result
    })
    return result!
  }

  const bytesLeft = (result: Outcome.AnswerResult) => result._tag === "Body" ? result.body.length : undefined

  it("is given back when its text was made, where nobody else has it", () => {
    for (const as of ["json", "text"] as const) {
      const result = arrived(true)
      expect(bytesLeft(result)).toBe(text.length)
      expect(Outcome.decode(result, as)).toEqual(Either.right(as === "json" ? JSON.parse(text) : text))
      expect(bytesLeft(result)).toBe(0)
    }
  })

  it("stays with the client that may still have it", () => {
    const result = arrived(false)
    expect(Either.isRight(Outcome.decode(result, "json"))).toBe(true)
    expect(bytesLeft(result)).toBe(text.length)
  })

  it("belongs to the user who asked for bytes", () => {
    const result = arrived(true)
    expect(Either.getOrThrow(Outcome.decode(result, "bytes"))).toBeInstanceOf(Uint8Array)
    expect(bytesLeft(result)).toBe(text.length)
  })
})
