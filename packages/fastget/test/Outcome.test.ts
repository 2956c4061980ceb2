import * as Batch from "#internal/wire/Batch"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { FetchError } from "fastget"
import { Outcome } from "fastget"

const body: Outcome.Answer = {
  result: { _tag: "Body", body: new Uint8Array([1, 2, 3]) },
  status: 200,
  headers: undefined,
  bytes: 3,
  attempts: 1,
  elapsed: 1.5,
  held: 1
}

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

describe("the memory of a large body", () => {
  const text = JSON.stringify("x".repeat(100_000))

  const arrived = (moved: boolean): Outcome.AnswerResult => {
    const large = new Uint8Array(new TextEncoder().encode(text))
    const batch = Batch.pack([[0, { ...body, result: { _tag: "Body", body: large } }]], 0)
    expect(batch.large.length).toBe(1)
    let result: Outcome.AnswerResult | undefined
    Batch.unpack(moved ? { ...batch, moved } : batch, (_, answer) => {
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
