import { FailureCount } from "#internal/run/FailureCount"
import * as OriginalLog from "#internal/run/OriginalLog"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

it.effect("the original's log is lines to read", () =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const log = OriginalLog.make((line) => Effect.sync(() => void lines.push(line)))
    const failures = new FailureCount()
    failures.add("Status")
    yield* log.start({ numWorkers: 2 })
    yield* log.progress(10)
    yield* log.end({ outcomes: 30, failures, requests: 31, bytes: 1 }, 4, "a server")
    expect(lines).toEqual([
      "Start processing requests with FastGet parameters:",
      "  numWorkers: 2",
      "Requests processed: 10",
      "All requests processed:",
      "  Total requests: 30",
      "  Failures: 1",
      "  Total time (s): 4.00",
      "  Requests/s: 7.50"
    ])
  }))
