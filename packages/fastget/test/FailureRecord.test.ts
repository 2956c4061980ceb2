import * as Duration from "effect/Duration"
import * as FetchError from "fastget/FetchError"
import * as FailureRecord from "fastget/platform/FailureRecord"
import { expect, it } from "vitest"

const url = "http://a.example/"

const failure = (reason: FetchError.Reason) =>
  FetchError.make({ id: 7, url, reason, attempts: 2, elapsed: Duration.micros(1_500_000n) })

it("a failure has its reason's name and fields first, and then what else is known", () => {
  const error = failure({ _tag: "Status", status: 404, snippet: "no" })
  expect(FailureRecord.text(error)).toBe(
    `{"reason":"Status","status":404,"snippet":"no","message":${JSON.stringify(error.message)},"url":"${url}",` +
      "\"attempts\":2,\"elapsed\":1500,\"retryable\":false}"
  )
})

it("an origin that is down has the reason it had before in the same form", () => {
  const last = { _tag: "Timeout", phase: "headers", limit: 1000 } as const
  const record = JSON.parse(FailureRecord.text(failure({ _tag: "OriginDown", last, since: 1, skipped: 3 })))
  expect(record).toMatchObject({
    reason: "OriginDown",
    last: { reason: "Timeout", phase: "headers", limit: 1000 },
    since: 1,
    skipped: 3
  })
})
