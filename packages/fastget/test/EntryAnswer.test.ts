import * as EntryAnswer from "#internal/http/EntryAnswer"
import type { AttemptResult } from "#internal/http/RequestResult"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as ChunkContexts from "./ChunkContexts.js"

const body = new TextEncoder().encode("[1]")
const headers = { "x-a": "1" }
const attempt: AttemptResult = { url: "http://a/", status: 200, headers, bytes: 3, result: Either.right(body) }
const quick = { _tag: "Answered", status: 200, body, bytes: 3, headers: () => headers } as const

const plain = { result: { _tag: "Body", body }, status: 200, bytes: 3, attempts: 1, held: 1 }

describe("EntryAnswer", () => {
  it("is made of a first body that is sent on as it is, the same on the quick path", () => {
    const context = ChunkContexts.make()
    expect(EntryAnswer.ofPlainBody(context, attempt, 0)).toMatchObject({ ...plain, headers: undefined })
    expect(EntryAnswer.ofPlainQuickBody(context, quick, 0)).toMatchObject({ ...plain, headers: undefined })
    const withHeaders = ChunkContexts.make(undefined, { withHeaders: true })
    expect(EntryAnswer.ofPlainBody(withHeaders, attempt, 0)).toMatchObject({ ...plain, headers })
    expect(EntryAnswer.ofPlainQuickBody(withHeaders, quick, 0)).toMatchObject({ ...plain, headers })
  })

  it("is not made yet where there is more to do", () => {
    const context = ChunkContexts.make()
    const own = ChunkContexts.make(undefined, { decodeBody: () => Effect.die("unused") })
    const reason = { _tag: "EmptyBody", status: 200 } as const
    const answers = [
      EntryAnswer.ofPlainBody(context, { location: ["/"] }, 0),
      EntryAnswer.ofPlainBody(context, { ...attempt, result: Either.left(reason) }, 0),
      EntryAnswer.ofPlainBody(context, { ...attempt, result: Either.right(new Uint8Array(0)) }, 0),
      EntryAnswer.ofPlainBody(context, { ...attempt, coding: "rot13" }, 0),
      EntryAnswer.ofPlainBody(own, attempt, 0),
      EntryAnswer.ofPlainQuickBody(context, { _tag: "Failed", reason, bytes: 0 }, 0),
      EntryAnswer.ofPlainQuickBody(context, { ...quick, status: 429 }, 0),
      EntryAnswer.ofPlainQuickBody(context, { ...quick, status: 302 }, 0),
      EntryAnswer.ofPlainQuickBody(context, { ...quick, body: new Uint8Array(0) }, 0),
      EntryAnswer.ofPlainQuickBody(own, quick, 0)
    ]
    expect(answers.every((answer) => answer === undefined)).toBe(true)
  })

  it("counts attempts and the time since the first request", () => {
    const answer = EntryAnswer.make(ChunkContexts.make(), attempt, { _tag: "Body", body }, 3, performance.now() - 50)
    expect(answer.attempts).toBe(3)
    expect(answer.elapsed).toBeGreaterThanOrEqual(50)
  })

  it("tells an interruption and a defect", () => {
    const reasonOf = (cause: Cause.Cause<unknown>) => {
      const { attempts, result } = EntryAnswer.ofCause(cause, 2, 0)
      return [attempts, result._tag === "Failure" && result.reason]
    }
    expect(reasonOf(Cause.interrupt(FiberId.none)))
      .toEqual([2, { _tag: "Transport", detail: "the request was interrupted" }])
    expect(reasonOf(Cause.die("x".repeat(500)))).toEqual([2, { _tag: "Transport", detail: "x".repeat(200) }])
  })
})
