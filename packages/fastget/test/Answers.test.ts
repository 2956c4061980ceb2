import * as Answers from "#internal/wire/Answers"
import { describe, expect, it } from "@effect/vitest"
import type { Outcome } from "fastget"
import { Json } from "fastget"

const body: Outcome.Answer = {
  result: { _tag: "Body", body: new Uint8Array([1, 2, 3]) },
  status: 200,
  headers: undefined,
  bytes: 3,
  attempts: 1,
  elapsed: 1.5,
  held: 1
}

describe("refuseDeep", () => {
  const nested = (depth: number): Outcome.Answer => ({
    ...body,
    result: { _tag: "Body", body: new TextEncoder().encode("[".repeat(depth) + "]".repeat(depth)) }
  })

  it("makes a failure of a body that is nested too deep, and keeps what else is known of it", () => {
    const answer = nested(Json.maxDepth + 1)
    expect(Answers.refuseDeep(answer)).toStrictEqual({
      ...answer,
      result: { _tag: "Failure", reason: { _tag: "Decode", problem: "depth", where: `position ${Json.maxDepth}` } }
    })
  })

  it("leaves every other answer as it is", () => {
    for (const answer of [nested(Json.maxDepth), body, Answers.unanswered({ _tag: "EmptyBody", status: 204 })]) {
      expect(Answers.refuseDeep(answer)).toBe(answer)
    }
  })
})
