import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { FetchError } from "fastget"

/** At least one example of each reason, and whether it is tried again. As in the table of reasons. */
const examples: ReadonlyArray<readonly [FetchError.Reason, retryable: boolean]> = [
  [{ _tag: "InvalidUrl", detail: "it is empty" }, false],
  [{ _tag: "Blocked", address: "127.0.0.1", rule: "private" }, false],
  [{ _tag: "Dns", hostname: "nowhere.invalid", code: "ENOTFOUND" }, false],
  [{ _tag: "Dns", hostname: "later.invalid", code: "EAI_AGAIN" }, true],
  [{ _tag: "Connect", address: "127.0.0.1", port: 9, code: "ECONNREFUSED" }, true],
  [{ _tag: "Connect", code: "ECONNREFUSED" }, true],
  [{ _tag: "LocalLimit", code: "EMFILE" }, true],
  [{ _tag: "LocalLimit", code: "EADDRNOTAVAIL" }, true],
  [{ _tag: "Tls", host: "a.example", code: "CERT_HAS_EXPIRED" }, false],
  [{ _tag: "Reset", bytes: 17, reused: true }, true],
  [{ _tag: "Timeout", phase: "connect", limit: 10 }, true],
  [{ _tag: "Timeout", phase: "headers", limit: 10 }, true],
  [{ _tag: "Timeout", phase: "body", limit: 10 }, true],
  [{ _tag: "Timeout", phase: "total", limit: 10 }, true],
  [{ _tag: "Truncated", expected: 10, received: 3 }, true],
  [{ _tag: "Truncated", received: 3 }, true],
  [{ _tag: "Protocol", detail: "HPE_INVALID_CONSTANT" }, false],
  [{ _tag: "TooLarge", limit: 10, of: "headers" }, false],
  [{ _tag: "TooLarge", limit: 10, of: "wire" }, false],
  [{ _tag: "TooLarge", limit: 10, of: "decoded" }, false],
  [{ _tag: "Timeout", phase: "connect" }, true],
  [{ _tag: "TooLarge", of: "headers" }, false],
  [{ _tag: "TooLarge", of: "wire" }, false],
  [{ _tag: "Redirect", problem: "loop", location: "http://a/" }, false],
  [{ _tag: "Redirect", problem: "max", location: "http://a/" }, false],
  [{ _tag: "Redirect", problem: "bad", location: "http://" }, false],
  [{ _tag: "Redirect", problem: "blocked", location: "file:///etc" }, false],
  [{ _tag: "Status", status: 404, snippet: "no" }, false],
  [{ _tag: "Status", status: 503, retryAfter: 1000, snippet: "busy" }, true],
  [{ _tag: "EmptyBody", status: 204 }, false],
  [{ _tag: "Decompress", encoding: "gzip", problem: "cut" }, true],
  [{ _tag: "Decompress", encoding: "gzip", problem: "corrupt" }, false],
  [{ _tag: "Decompress", encoding: "zz", problem: "unsupported" }, false],
  [{ _tag: "Decode", problem: "syntax", where: "position 1" }, false],
  [{
    _tag: "Decode",
    problem: "schema",
    where: "at name",
    issues: [{ path: ["name", 0], problem: "Type", expected: "string" }]
  }, false],
  [{
    _tag: "Decode",
    problem: "schema",
    where: "at name",
    issues: [{ path: ["name"], problem: "Type", expected: "string", actual: "number" }],
    moreIssues: 3
  }, false],
  [{ _tag: "Transport", detail: "it broke" }, true],
  [{ _tag: "WorkerLost", cause: "exit", exitCode: 3 }, false],
  [{ _tag: "WorkerLost", cause: "out of memory" }, false],
  [{ _tag: "OriginDown", last: { _tag: "Connect", code: "ECONNREFUSED" }, since: 1_790_000_000_000, skipped: 1 }, true],
  [{ _tag: "OriginDown", last: { _tag: "Timeout", phase: "connect", limit: 10 }, since: 1e20, skipped: 17 }, true]
]

const tags = [
  "Blocked",
  "Connect",
  "Decode",
  "Decompress",
  "Dns",
  "EmptyBody",
  "InvalidUrl",
  "LocalLimit",
  "OriginDown",
  "Protocol",
  "Redirect",
  "Reset",
  "Status",
  "Timeout",
  "Tls",
  "TooLarge",
  "Transport",
  "Truncated",
  "WorkerLost"
]

const errorOf = (reason: FetchError.Reason, url = "http://a.example/x", attempts = 1) =>
  FetchError.make({ id: 7, url, reason, attempts, elapsed: Duration.millis(12) })

const textOf = ({ _tag, ...fields }: FetchError.Reason) => `${_tag} ${JSON.stringify(fields)}`

describe("the reasons", () => {
  it("are the complete list, which a later release does not extend", () => {
    const members = FetchError.Reason.members.map(({ ast }) =>
      SchemaAST.getPropertySignatures(ast).find(({ name }) => name === "_tag")
    )
    expect(members.map((tag) => String(tag?.type)).sort()).toEqual(tags.map((tag) => JSON.stringify(tag)))
    expect([...new Set(examples.map(([reason]) => reason._tag))].sort()).toEqual(tags)
  })

  it.each(examples.map(([reason, retryable]) => [textOf(reason), reason, retryable] as const))(
    "%s: retryable follows from the reason",
    (_, reason, retryable) => {
      expect(FetchError.isRetryable(reason)).toBe(retryable)
      expect(errorOf(reason).retryable).toBe(retryable)
    }
  )

  it("names each place where a body is not as its schema, what was expected and what kind of thing is there", () => {
    const issues = [
      { path: ["users", 1, "name"], problem: "Type", expected: "string", actual: "number" },
      { path: ["users", 2], problem: "Missing", expected: "User" }
    ]
    expect(errorOf({ _tag: "Decode", problem: "schema", where: "at users.1.name", issues, moreIssues: 7 }).message)
      .toContain(
        "The body could not be decoded (schema): at users.1.name (string was expected, and number is there), " +
          "at users.2 (User was expected, and nothing is there), and 7 more"
      )
  })

  it("retries exactly the statuses 408, 425, 429, 500, 502, 503 and 504", () => {
    const retried = Array.from({ length: 500 }, (_, i) => i + 100).filter((status) =>
      FetchError.isRetryable({ _tag: "Status", status, snippet: "" })
    )
    expect(retried).toEqual([408, 425, 429, 500, 502, 503, 504])
  })

  it.each(examples.map(([reason]) => [textOf(reason), reason] as const))(
    "%s: the schema takes the error to JSON and back",
    (_, reason) => {
      const schema = FetchError.schema(Schema.NumberFromString)
      const error = errorOf(reason)
      const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error)))
      expect(json).toMatchObject({ _tag: "FetchError", id: "7", elapsed: 12, reason })
      const back = Schema.decodeUnknownSync(schema)(json)
      expect(back).toBeInstanceOf(FetchError.FetchError)
      const { attempts, elapsed, id, url } = back
      expect({ id, url, reason: back.reason, attempts, elapsed }).toStrictEqual({
        id: 7,
        url: "http://a.example/x",
        reason,
        attempts: 1,
        elapsed: Duration.millis(12)
      })
      expect(back.message).toBe(error.message)
    }
  )

  it.each(examples.map(([reason]) => [textOf(reason), reason] as const))(
    "%s: the message is one sentence on what happened, and to which URL",
    (_, reason) => {
      const { message } = errorOf(reason)
      expect(message).toMatch(/^[A-Z][^\n]+ \(GET http:\/\/a\.example\/x\)$/)
      expect(message).not.toMatch(/undefined|\[object/)
    }
  )
})

describe("the message", () => {
  it("tells the attempts when there were several", () => {
    const error = errorOf({ _tag: "Timeout", phase: "total", limit: 30_000 }, "http://a.example/x", 3)
    expect(error.message).toBe("No complete answer within 30000 ms (GET http://a.example/x, after 3 attempts)")
  })

  it("of an origin that is down tells since when, why, and how many were skipped", () => {
    const last = { _tag: "Connect", address: "10.0.0.1", port: 80, code: "ECONNREFUSED" } as const
    const since = Date.UTC(2026, 10, 26, 3, 4, 5)
    expect(errorOf({ _tag: "OriginDown", last, since, skipped: 12 }).message).toBe(
      "The origin is down and was not asked; nothing has answered since 2026-11-26T03:04:05.000Z: No connection to " +
        "10.0.0.1, port 80: ECONNREFUSED; 12 entries were skipped so far (GET http://a.example/x)"
    )
  })

  it.each([
    [{ _tag: "LocalLimit", code: "EMFILE" }, "connectionsPerOrigin"],
    [{ _tag: "TooLarge", limit: 1, of: "wire" }, "maxBodyBytes"],
    [{ _tag: "EmptyBody", status: 204 }, "emptyBody"]
  ] as ReadonlyArray<readonly [FetchError.Reason, string]>)("of %o names the option that helps", (reason, option) => {
    expect(errorOf(reason).message).toContain(option)
  })
})

describe("redaction", () => {
  const secret = "s3cr3t"

  it.each([
    ["userinfo", `http://user:${secret}@a.example/x`],
    ["a user name alone", `http://${secret}@a.example/x`],
    ["userinfo with an @ in it", `http://user:p@${secret}@a.example/x`],
    ["query values", `http://a.example/x?token=${secret}&b=${secret}`],
    ["a query value with = in it", `http://a.example/x?token=a=${secret}`],
    ["a query without names", `http://a.example/x?${secret}`],
    ["an empty name", `http://a.example/x?=${secret}`],
    ["two question marks", `http://a.example/x?a?${secret}`],
    ["the fragment", `http://a.example/x#${secret}`],
    ["a fragment with a query in it", `http://a.example/x#a?b=${secret}`],
    ["backslashes", `http:\\\\user:${secret}@a.example\\x`],
    ["another scheme", `ftp://user:${secret}@a.example/x`],
    ["no scheme", `//user:${secret}@a.example/x`],
    ["text that is no URL, with a query", `a b c?key=${secret}`],
    ["userinfo without slashes", `http:user:${secret}@a.example/x`],
    ["userinfo after one slash", `http:/user:${secret}@a.example/x`],
    ["userinfo after three slashes", `http:///user:${secret}@a.example/x`],
    ["userinfo with a slash-like question", `http://user:${secret}@a.example?x=1`],
    ["no scheme and no slashes", `user:${secret}@a.example/x`],
    ["a space before it", ` http://user:${secret}@a.example/x`],
    ["a tab within the scheme", `ht\ttp://user:${secret}@a.example/x`],
    ["a newline between the slashes", `http:/\n/user:${secret}@a.example/x`],
    ["a secret at the cut", `http://a.example/${"x".repeat(2028)}?k=${secret}${"y".repeat(100)}`]
  ])("hides %s in message, JSON and Cause.pretty", (_, url) => {
    const error = errorOf({ _tag: "Transport", detail: "broken" }, url)
    expect(error.url).not.toContain(secret)
    expect(error.message).not.toContain(secret)
    expect(JSON.stringify(error)).not.toContain(secret)
    expect(String(error)).not.toContain(secret)
    expect(Cause.pretty(Cause.fail(error))).not.toContain(secret)
    expect(JSON.stringify(Exit.fail(error))).not.toContain(secret)
  })

  it("keeps host, path and the names of the query", () => {
    expect(FetchError.redactUrl("https://u:p@a.example:8080/a/b?x=1&y=&z#f"))
      .toBe("https://***@a.example:8080/a/b?x=***&y=***&***#***")
  })

  it("leaves a URL without secrets as it is", () => {
    const url = "https://a.example:8080/a@b/c:d"
    expect(FetchError.redactUrl(url)).toBe(url)
  })

  it("cuts a long URL", () => {
    expect(FetchError.redactUrl(`http://a/${"x".repeat(1_000_000)}`).length).toBeLessThan(2100)
  })

  it("takes linear time on hostile text", () => {
    const before = process.cpuUsage()
    for (const hostile of ["?&".repeat(500_000), "@".repeat(1_000_000), "?".repeat(1_000_000), "#".repeat(1_000_000)]) {
      expect(FetchError.redactUrl(`http://${hostile}`).length).toBeLessThan(5000)
    }
    // Time that this process computed, so that what runs beside it is not counted.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })
})

describe("hasReason", () => {
  it("is true for the reasons named, and only for a FetchError", () => {
    const error = errorOf({ _tag: "EmptyBody", status: 204 })
    expect(FetchError.hasReason("EmptyBody")(error)).toBe(true)
    expect(FetchError.hasReason("Status", "EmptyBody")(error)).toBe(true)
    expect(FetchError.hasReason("Status")(error)).toBe(false)
    expect(FetchError.hasReason()(error)).toBe(false)
    expect(FetchError.hasReason("EmptyBody")({ reason: { _tag: "EmptyBody" } })).toBe(false)
  })
})

describe("catchReason", () => {
  const failing = (reason: FetchError.Reason) => Effect.fail(errorOf(reason))

  it.effect("handles the reason it names", () =>
    Effect.gen(function*() {
      const caught = yield* failing({ _tag: "Status", status: 404, snippet: "" }).pipe(
        FetchError.catchReason("Status", (error) => Effect.succeed(error.reason.status))
      )
      expect(caught).toBe(404)
    }))

  it.effect("takes the effect first, too", () =>
    Effect.gen(function*() {
      const effect = failing({ _tag: "EmptyBody", status: 204 })
      expect(yield* FetchError.catchReason(effect, "EmptyBody", (error) => Effect.succeed(error.id))).toBe(7)
    }))

  it.effect("lets other reasons and other errors pass", () =>
    Effect.gen(function*() {
      const never = FetchError.catchReason("Status", () => Effect.die("not this one"))
      const error = errorOf({ _tag: "EmptyBody", status: 204 })
      expect(yield* Effect.flip(never(Effect.fail(error)))).toBe(error)
      expect(yield* Effect.flip(never(Effect.fail("other")))).toBe("other")
      expect(yield* never(Effect.succeed(1))).toBe(1)
    }))
})

describe("FetchError", () => {
  it("keeps the very same id", () => {
    const id = { n: 1 }
    const key = Symbol("key")
    const fields = { url: "http://a", reason: { _tag: "EmptyBody", status: 200 }, attempts: 1 } as const
    expect(FetchError.make({ ...fields, id, elapsed: Duration.zero }).id).toBe(id)
    expect(FetchError.make({ ...fields, id: key, elapsed: Duration.zero }).id).toBe(key)
  })

  it.effect("is caught by its tag", () =>
    Effect.gen(function*() {
      const tag = yield* Effect.fail(errorOf({ _tag: "EmptyBody", status: 204 })).pipe(
        Effect.catchTag("FetchError", ({ reason }) => Effect.succeed(reason._tag))
      )
      expect(tag).toBe("EmptyBody")
      expect(FetchError.isFetchError(errorOf({ _tag: "EmptyBody", status: 204 }))).toBe(true)
      expect(FetchError.isFetchError(new Error("FetchError"))).toBe(false)
    }))
})
