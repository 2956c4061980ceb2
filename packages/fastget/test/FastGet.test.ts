import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { FastGet, FastGetConfig, type FetchError, type FetchPool } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const urls = (count: number) => Array.from({ length: count }, (_, n) => [n, `http://a.example/${n}`] as const)

/** Runs an effect over a client. */
const over = (client: HttpClient.HttpClient, options?: FastGetConfig.InProcessOptions) =>
  Effect.provide(FakeHttpClient.layerFastGet(client, options))

const reasonOf = (url: string, options: object = {}) =>
  Effect.map(Effect.flip(FastGet.get(url, options)), (error) => {
    if (error._tag === "FetchError") return error.reason
    throw error
  })

/** The one outcome of a URL. */
const outcomeOf = (url: string) => Effect.map(Stream.runCollect(FastGet.outcomes([["id", url]])), Chunk.unsafeHead)

/** Waits until some fiber sleeps until a time of the TestClock that passes the test. */
const sleeping = (test: (millis: number) => boolean): Effect.Effect<void> =>
  Effect.flatMap(TestClock.sleeps(), (sleeps) =>
    Chunk.some(sleeps, test)
      ? Effect.void
      : Effect.zipRight(Effect.promise(() => new Promise((resolve) => setImmediate(resolve))), sleeping(test)))

const sleepingUntil = (millis: number) => sleeping((until) => Math.abs(until - millis) < 0.001)

/** A client that gives these answers in turn, the last one again and again, and counts. */
const inTurn = (...answers: ReadonlyArray<() => Response>) => {
  let requests = 0
  return {
    requests: () => requests,
    client: FakeHttpClient.make(() => answers[Math.min(requests++, answers.length - 1)]!())
  }
}

const ok = () => FakeHttpClient.json({ ok: true })
const busy = (headers: Record<string, string> = {}) => () => new Response("busy", { status: 503, headers })

describe("FastGet.stream", () => {
  it.effect("gives the JSON of every entry with its id", () =>
    Effect.gen(function*() {
      const results = yield* Stream.runCollect(FastGet.stream(urls(300)))
      expect(new Map(results)).toEqual(new Map(urls(300).map(([n]) => [n, { path: `/${n}` }])))
      expect(results.length).toBe(300)
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("gives results as they arrive, and not in the order of the entries", () =>
    Effect.gen(function*() {
      const last = yield* Deferred.make<void>()
      const client = FakeHttpClient.make((_, url) =>
        url.pathname === "/0" ? Effect.as(Deferred.await(last), ok()) : ok()
      )
      const ids = yield* FastGet.stream(urls(10)).pipe(
        Stream.map(([id]) => id),
        Stream.zipWithIndex,
        Stream.tap(([, index]) => index === 8 ? Deferred.succeed(last, undefined) : Effect.void),
        Stream.map(([id]) => id),
        Stream.runCollect,
        over(client)
      )
      expect(ids.length).toBe(10)
      expect(Chunk.unsafeLast(ids)).toBe(0)
    }))

  it.effect("ends at once when there are no entries", () =>
    Effect.gen(function*() {
      expect((yield* Stream.runCollect(FastGet.stream([]))).length).toBe(0)
      expect((yield* Stream.runCollect(FastGet.stream(Stream.empty))).length).toBe(0)
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("may be run again, and by several at once", () =>
    Effect.gen(function*() {
      const stream = FastGet.stream(urls(50))
      const all = yield* Effect.all(Array.from({ length: 5 }, () => Stream.runCount(stream)), {
        concurrency: "unbounded"
      })
      expect(all).toEqual([50, 50, 50, 50, 50])
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("fails with the first error, after the successes that arrived before it, and stops the rest", () =>
    Effect.gen(function*() {
      const fail = yield* Deferred.make<void>()
      const interrupted: Array<string> = []
      const client = FakeHttpClient.make((_, { pathname }) => {
        if (pathname === "/3") return Effect.as(Deferred.await(fail), new Response("", { status: 404 }))
        if (pathname === "/7") {
          return Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(pathname)))
        }
        return ok()
      })
      const got: Array<number> = []
      const error = yield* FastGet.stream(urls(10)).pipe(
        Stream.runForEach(([id]) => {
          got.push(id)
          return got.length === 8 ? Deferred.succeed(fail, undefined) : Effect.void
        }),
        Effect.flip,
        over(client)
      )
      expect(error).toMatchObject({ _tag: "FetchError", id: 3, reason: { _tag: "Status", status: 404 } })
      expect(got.sort()).toEqual([0, 1, 2, 4, 5, 6, 8, 9])
      expect(interrupted).toEqual(["/7"])
    }))
})

describe("the input", () => {
  it.effect("that fails has what was taken answered first, and then its own error", () =>
    Effect.gen(function*() {
      const got: Array<number> = []
      const entries = Stream.concat(Stream.fromIterable(urls(25)), Stream.fail("input broke"))
      const error = yield* FastGet.stream(entries).pipe(
        Stream.runForEach(([id]) => Effect.sync(() => got.push(id))),
        Effect.flip
      )
      expect(error).toBe("input broke")
      expect(got.sort((a, b) => a - b)).toEqual(urls(25).map(([n]) => n))
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("that throws has what was taken answered first, and is a defect then", () =>
    Effect.gen(function*() {
      function* entries() {
        yield* urls(25)
        throw new Error("generator broke")
      }
      const got: Array<number> = []
      const exit = yield* FastGet.stream(entries()).pipe(
        Stream.runForEach(([id]) => Effect.sync(() => got.push(id))),
        Effect.exit
      )
      expect(Exit.isFailure(exit) && exit.cause._tag).toBe("Die")
      expect(got.sort((a, b) => a - b)).toEqual(urls(25).map(([n]) => n))
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("that is an iterator is told when the consumer has enough", () =>
    Effect.gen(function*() {
      let given = 0
      let returned = 0
      function* entries() {
        try {
          for (let n = 0;; n++) {
            given++
            yield [n, `http://a.example/${n}`] as const
          }
        } finally {
          returned++
        }
      }
      const got = yield* FastGet.stream(entries(), { queueMaxSize: 100 } as object).pipe(
        Stream.take(5),
        Stream.runCount
      )
      expect(got).toBe(5)
      expect(returned).toBe(1)
      expect(given).toBeLessThanOrEqual(105)
    }).pipe(over(FakeHttpClient.echoPath, { queueMaxSize: 100 })))

  it.effect("that is a Stream is closed when the consumer fails", () =>
    Effect.gen(function*() {
      let closed = 0
      const entries = Stream.ensuring(
        Stream.concat(Stream.fromIterable(urls(5)), Stream.never),
        Effect.sync(() => closed++)
      )
      const error = yield* FastGet.stream(entries).pipe(
        Stream.runForEach(() => Effect.fail("consumer broke")),
        Effect.flip
      )
      expect([error, closed]).toEqual(["consumer broke", 1])
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("is never further ahead than queueMaxSize of what the consumer has left behind", () =>
    Effect.gen(function*() {
      let taken = 0
      let left = 0
      let most = 0
      function* entries() {
        for (const entry of urls(2000)) {
          most = Math.max(most, ++taken - left)
          yield entry
        }
      }
      yield* FastGet.stream(entries()).pipe(
        Stream.runForEachChunk((batch) => Effect.sync(() => left += batch.length))
      )
      expect(left).toBe(2000)
      expect(most).toBeLessThanOrEqual(50)
    }).pipe(over(FakeHttpClient.echoPath, { queueMaxSize: 50 })))
})

describe("an answer", () => {
  it.effect("is told with all that is known of it", () =>
    Effect.gen(function*() {
      const outcome = yield* outcomeOf("http://a.example/x?q=1")
      expect(outcome).toMatchObject({
        id: "id",
        url: "http://a.example/x?q=1",
        status: 201,
        headers: { "x-a": "b" },
        bytes: 11,
        attempts: 1
      })
      expect(outcome.result).toEqual(Either.right({ ok: true }))
      expect(Duration.toMillis(outcome.elapsed)).toBeLessThan(5000)
    }).pipe(
      over(FakeHttpClient.make(() => FakeHttpClient.json({ ok: true }, { status: 201, headers: { "x-a": "b" } })))
    ))

  it.effect("may be wanted as text or bytes, whatever is in it", () =>
    Effect.gen(function*() {
      const text = yield* Stream.runCollect(FastGet.outcomes(urls(1), { as: "text" }))
      expect(Chunk.unsafeHead(text).result).toEqual(Either.right("no {json"))
      const bytes = yield* Stream.runCollect(FastGet.outcomes(urls(1), { as: "bytes" }))
      expect(Chunk.unsafeHead(bytes).result).toEqual(Either.right(new TextEncoder().encode("no {json")))
    }).pipe(over(FakeHttpClient.make(() => new Response("no {json")))))

  it.effect.each([["204", 204], ["205", 205], ["200 with no body", 200]] as ReadonlyArray<readonly [string, number]>)(
    "of %s is EmptyBody, or null by option",
    ([, status]) =>
      Effect.gen(function*() {
        const client = FakeHttpClient.make(() => new Response(null, { status }))
        expect(yield* over(client)(reasonOf("http://a/"))).toEqual({ _tag: "EmptyBody", status })
        expect(yield* over(client, { emptyBody: "null" })(FastGet.get("http://a/"))).toBeNull()
        const text = FastGet.outcomes([[1, "http://a/"]], { as: "text" }).pipe(Stream.runHead, over(client))
        expect(yield* text).toMatchObject({ value: { result: { right: "" } } })
      })
  )

  it.effect("of a byte order mark alone is empty, and white space is no JSON", () =>
    Effect.gen(function*() {
      const answering = (body: string) => over(FakeHttpClient.make(() => new Response(body)))
      expect(yield* answering("\ufeff")(reasonOf("http://a/"))).toEqual({ _tag: "EmptyBody", status: 200 })
      const empty = FakeHttpClient.make(() => new Response("\ufeff"))
      expect(yield* over(empty, { emptyBody: "null" })(FastGet.get("http://a/"))).toBeNull()
      const bytes = FastGet.outcomes([[1, "http://a/"]], { as: "bytes" }).pipe(Stream.runHead, over(empty))
      expect(yield* bytes).toMatchObject({ value: { result: { right: Uint8Array.of(0xef, 0xbb, 0xbf) } } })
      for (const body of [" ", "\r\n\t", "\ufeff ", "\ufeff\ufeff", "\ufeffx"]) {
        expect(yield* answering(body)(reasonOf("http://a/"))).toMatchObject({ _tag: "Decode", problem: "syntax" })
      }
      expect(yield* answering("\ufeff{\"a\":1}")(FastGet.get("http://a/"))).toEqual({ a: 1 })
    }))

  it.effect("of another status is Status with the start of its body, and not tried again", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(() => new Response("é".repeat(100_000), { status: 404 }))
      const outcome = yield* over(client)(outcomeOf("http://a/"))
      expect(Either.flip(outcome.result).pipe(Either.getOrThrow).reason).toEqual({
        _tag: "Status",
        status: 404,
        snippet: "é".repeat(200)
      })
      expect([outcome.status, outcome.attempts, requests()]).toEqual([404, 1, 1])
    }))

  it.effect("of 304 is Status", () =>
    Effect.gen(function*() {
      expect(yield* reasonOf("http://a/")).toEqual({ _tag: "Status", status: 304, snippet: "" })
    }).pipe(over(FakeHttpClient.make(() => new Response(null, { status: 304 })))))

  it.effect("that is no JSON is Decode, and the body is not repeated", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(FastGet.get("http://a/"))
      expect(error).toMatchObject({ reason: { _tag: "Decode", problem: "syntax" } })
      expect(error.message + JSON.stringify(error)).not.toContain("s3cr3t")
    }).pipe(over(FakeHttpClient.make(() => new Response(`{"a": s3cr3t`)))))

  it.effect("larger than maxBodyBytes is TooLarge, with Content-Length and without, and its body is left", () =>
    Effect.gen(function*() {
      let pulled = 0
      let cancelled = 0
      const endless = (headers: Record<string, string>) =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              pulled++
              controller.enqueue(new Uint8Array(1000))
            },
            cancel: () => {
              cancelled++
            }
          }),
          { headers }
        )
      const client = FakeHttpClient.make((_, { pathname }) =>
        endless(pathname === "/known" ? { "content-length": "1000000" } : {})
      )
      const get = (url: string) => over(client, { maxBodyBytes: 10_000 })(reasonOf(url))
      const tooLarge = { _tag: "TooLarge", limit: 10_000, of: "wire" }
      expect(yield* get("http://a/known")).toEqual(tooLarge)
      expect(pulled).toBeLessThan(5)
      expect(yield* get("http://a/unknown")).toEqual(tooLarge)
      expect(pulled).toBeLessThan(25)
      expect(cancelled).toBe(2)
    }))

  it.effect("announced as larger than maxBodyBytes is TooLarge before any of it has come", () =>
    Effect.gen(function*() {
      let cancelled = 0
      const silent = () => new ReadableStream({ cancel: () => void cancelled++ })
      const client = FakeHttpClient.make(() => new Response(silent(), { headers: { "content-length": "11" } }))
      const [outcome] = yield* Stream.runCollect(FastGet.outcomes([[1, "http://a/"]])).pipe(
        over(client, { maxBodyBytes: 10 })
      )
      expect(outcome).toMatchObject({
        bytes: 0,
        status: 200,
        result: { left: { reason: { _tag: "TooLarge", limit: 10, of: "wire" } } }
      })
      expect(cancelled).toBe(1)
    }))

  it.effect("of 204 is empty, whatever length it announces", () =>
    Effect.gen(function*() {
      expect(yield* reasonOf("http://a/")).toEqual({ _tag: "EmptyBody", status: 204 })
    }).pipe(over(FakeHttpClient.make(() =>
      new Response(null, {
        status: 204,
        headers: { "content-length": "99999999999" }
      })
    ))))

  it.effect("of a transfer coding other than chunked is Protocol, and never a success", () =>
    Effect.gen(function*() {
      expect(yield* reasonOf("http://a/")).toEqual({
        _tag: "Protocol",
        detail: `the transfer coding "gzip, chunked" was not asked for and is not undone`
      })
    }).pipe(over(FakeHttpClient.make(() => new Response("{}", { headers: { "transfer-encoding": "gzip, chunked" } })))))

  it.effect("of an encoding that nobody knows is what it is; if that is no JSON, the failure tells the encoding", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get("http://a/json")).toEqual({ a: 1 })
      const error = yield* Effect.flip(FastGet.get("http://a/none"))
      expect(error).toMatchObject({ reason: { _tag: "Decode", problem: "syntax", encoding: "AWS-chunked" } })
      expect(error.message).toContain("its Content-Encoding says AWS-chunked")
      const [outcome] = yield* Stream.runCollect(FastGet.outcomes([[1, "http://a/none"]], { as: "text" }))
      expect(outcome?.result).toEqual(Either.right("5;x"))
      expect(yield* reasonOf("http://a/known")).not.toHaveProperty("encoding")
    }).pipe(over(FakeHttpClient.make((_, { pathname }) =>
      new Response(pathname === "/json" ? `{"a":1}` : "5;x", {
        headers: { "content-encoding": pathname === "/known" ? "identity" : "AWS-chunked" }
      })
    ))))

  it.effect("of exactly maxBodyBytes is a success", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get("http://a/")).toBe("12345678")
    }).pipe(over(FakeHttpClient.make(() => new Response(`"12345678"`)), { maxBodyBytes: 10 })))

  it.effect("has the Authorization, the headers and the defaults of its request", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get("http://a/")).toMatchObject({
        "x-layer": "1",
        accept: expect.stringContaining("application/json"),
        "user-agent": "mine"
      })
      const names = Object.keys(yield* FastGet.get("http://a/", { schema: Schema.Object }))
      expect(names.filter((name) => /^(b3|traceparent|tracestate)$/.test(name))).toEqual([])
    }).pipe(
      over(FakeHttpClient.make((request) => FakeHttpClient.json(request.headers)), {
        headers: { "X-Layer": "1", "User-Agent": "mine" }
      })
    ))
})

describe("a retry", () => {
  // Without the gate of an origin that refuses: what is shown here is what an entry does by itself.
  const settings = { throttle: false, retry: { times: 2, base: "1 second", cap: "1500 millis" } } as const

  it.effect("waits a random part of base, doubled up to cap", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(busy(), busy(), ok)
      const fiber = yield* Effect.fork(over(client, settings)(FastGet.get("http://a/")))
      yield* sleepingUntil(500)
      expect(requests()).toBe(1)
      yield* TestClock.setTime(499)
      expect(requests()).toBe(1)
      yield* TestClock.setTime(500)
      yield* sleepingUntil(500 + 750)
      expect(requests()).toBe(2)
      yield* TestClock.setTime(1250)
      expect(yield* Fiber.join(fiber)).toEqual({ ok: true })
      expect(requests()).toBe(3)
    }).pipe(Effect.withRandom(Random.fixed([0.5]))))

  it.effect("is made as often as times says, and the last reason is given with the attempts", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(busy())
      const fiber = yield* Effect.fork(over(client, settings)(Effect.flip(FastGet.get("http://a/"))))
      yield* sleepingUntil(1000)
      yield* TestClock.setTime(1000)
      yield* sleepingUntil(2500)
      yield* TestClock.setTime(2500)
      expect(yield* Fiber.join(fiber)).toMatchObject({ attempts: 3, reason: { status: 503, snippet: "busy" } })
      expect(requests()).toBe(3)
    }).pipe(Effect.withRandom(Random.fixed([1]))))

  it.effect("is not made with times: 0", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(busy())
      const error = yield* over(client, { retry: { times: 0 } })(Effect.flip(FastGet.get("http://a/")))
      expect([error._tag === "FetchError" && error.attempts, requests()]).toEqual([1, 1])
    }))

  it.effect("waits as long as Retry-After says in seconds", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(busy({ "retry-after": "7" }), ok)
      const fiber = yield* Effect.fork(over(client, settings)(FastGet.get("http://a/")))
      yield* sleepingUntil(7000)
      expect(requests()).toBe(1)
      yield* TestClock.setTime(7000)
      expect(yield* Fiber.join(fiber)).toEqual({ ok: true })
    }))

  it.effect("waits until the date that Retry-After says", () =>
    Effect.gen(function*() {
      const date = new Date(new Date().getTime() + 20_000).toUTCString()
      const { client } = inTurn(busy({ "retry-after": date }), ok)
      const fiber = yield* Effect.fork(over(client, settings)(FastGet.get("http://a/")))
      yield* sleeping((until) => until > 15_000 && until <= 20_000)
      yield* TestClock.setTime(20_000)
      expect(yield* Fiber.join(fiber)).toEqual({ ok: true })
    }))

  it.effect.each(["Wed, 21 Oct 2015 07:28:00 GMT", "Tue, 31 Feb 2099 12:00:00 GMT"])(
    "falls back to the jitter when the date of Retry-After is over or does not exist: %s",
    (date) =>
      Effect.gen(function*() {
        const { client, requests } = inTurn(busy({ "retry-after": date }), ok)
        const fiber = yield* Effect.fork(over(client, settings)(FastGet.get("http://a/")))
        yield* sleepingUntil(250)
        expect(requests()).toBe(1)
        yield* TestClock.setTime(250)
        expect(yield* Fiber.join(fiber)).toEqual({ ok: true })
      }).pipe(Effect.withRandom(Random.fixed([0.25])))
  )

  it.effect("is not made when Retry-After asks for more than 60 seconds, which the reason tells", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(busy({ "retry-after": "61" }), ok)
      expect(yield* over(client, settings)(reasonOf("http://a/"))).toEqual({
        _tag: "Status",
        status: 503,
        retryAfter: 61_000,
        snippet: "busy"
      })
      expect(requests()).toBe(1)
    }))

  it.effect("falls back to the jitter when Retry-After says nothing", () =>
    Effect.gen(function*() {
      const { client } = inTurn(busy({ "retry-after": "soon" }), ok)
      const fiber = yield* Effect.fork(over(client, settings)(FastGet.get("http://a/")))
      yield* sleepingUntil(250)
      yield* TestClock.setTime(250)
      expect(yield* Fiber.join(fiber)).toEqual({ ok: true })
    }).pipe(Effect.withRandom(Random.fixed([0.25]))))

  it.effect("holds no connection while it waits", () =>
    Effect.gen(function*() {
      const { client } = inTurn(busy({ "retry-after": "50" }), ok)
      const waiting = yield* Effect.fork(
        Stream.runCollect(FastGet.stream([["first", "http://a/"], ["second", "http://a/"]]))
          .pipe(over(client, { throttle: false, connectionsPerOrigin: 1, retry: { times: 1 } }))
      )
      yield* sleepingUntil(50_000)
      yield* TestClock.setTime(50_000)
      const ids = Chunk.map(yield* Fiber.join(waiting), ([id]) => id)
      expect([...ids]).toEqual(["second", "first"])
    }))
})

describe("a timeout", () => {
  it.effect("ends an attempt that gets no answer, and tells the limit", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const client = FakeHttpClient.make(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)))
      const fiber = yield* Effect.fork(
        over(client, { timeout: "5 seconds", retry: { times: 0 } })(reasonOf("http://a/"))
      )
      yield* sleepingUntil(5000)
      yield* TestClock.setTime(5000)
      expect(yield* Fiber.join(fiber)).toEqual({ _tag: "Timeout", phase: "total", limit: 5000 })
      expect(interrupted).toBe(1)
    }))

  it.effect("counts the body", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() =>
        new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)) }))
      )
      const fiber = yield* Effect.fork(
        over(client, { timeout: "5 seconds", retry: { times: 0 } })(reasonOf("http://a/"))
      )
      yield* sleepingUntil(5000)
      yield* TestClock.setTime(5000)
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "Timeout", limit: 5000 })
    }))

  it.effect("does not count waiting for a connection", () =>
    Effect.gen(function*() {
      const first = yield* Deferred.make<void>()
      const client = FakeHttpClient.make((_, { pathname }) =>
        pathname === "/0" ? Effect.as(Deferred.await(first), ok()) : ok()
      )
      const fiber = yield* Effect.fork(
        Stream.runCollect(FastGet.outcomes(urls(2))).pipe(
          over(client, { timeout: "5 seconds", connectionsPerOrigin: 1, retry: { times: 0 } })
        )
      )
      yield* sleepingUntil(5000)
      yield* TestClock.setTime(4999)
      yield* Deferred.succeed(first, undefined)
      const outcomes = yield* Fiber.join(fiber)
      expect([...outcomes].map(({ result }) => result._tag)).toEqual(["Right", "Right"])
    }))
})

describe("a redirect", () => {
  const to = (location: string, status = 302) => new Response("moved", { status, headers: { location } })

  /** A client that redirects by a table of URLs, and mirrors the request elsewhere. */
  const redirecting = (table: Readonly<Record<string, string>>) =>
    FakeHttpClient.make((request) => {
      const location = table[request.url]
      return location === undefined
        ? FakeHttpClient.json({ url: request.url, headers: request.headers })
        : to(location)
    })

  it.effect.each([301, 302, 303, 307, 308])(
    "of %d is followed, also when its Location is relative",
    (status) =>
      Effect.gen(function*() {
        const client = FakeHttpClient.make((_, url) =>
          url.pathname === "/a/b" ? to("../c?d", status) : FakeHttpClient.json(url.href)
        )
        expect(yield* over(client)(FastGet.get("http://a/a/b"))).toBe("http://a/c?d")
      })
  )

  it.effect("without a Location is a Status", () =>
    Effect.gen(function*() {
      expect(yield* reasonOf("http://a/")).toMatchObject({ _tag: "Status", status: 302 })
    }).pipe(over(FakeHttpClient.make(() => new Response(null, { status: 302 })))))

  it.effect.each([
    ["loop", "http://a/", { "http://a/": "http://b/", "http://b/": "http://a/" }],
    ["loop", "http://a/", { "http://a/": "http://a/#x" }],
    ["bad", "http://a/", { "http://a/": "http://[" }],
    ["bad", "http://a/", { "http://a/": `http://a/${"x".repeat(70_000)}` }],
    ["blocked", "http://a/", { "http://a/": "file:///etc/passwd" }],
    ["blocked", "http://a/", { "http://a/": "javascript:alert(1)" }]
  ] as ReadonlyArray<readonly [string, string, Record<string, string>]>)(
    "that can't be followed is Redirect: %s from %s by %j",
    ([problem, url, table]) =>
      Effect.gen(function*() {
        expect(yield* over(redirecting(table))(reasonOf(url))).toMatchObject({ _tag: "Redirect", problem })
      })
  )

  it.effect("is followed as often as maxRedirects says", () =>
    Effect.gen(function*() {
      const { client, requests } = (() => {
        let count = 0
        return { requests: () => count, client: FakeHttpClient.make(() => to(`http://a/${++count}`)) }
      })()
      const reason = yield* over(client, { maxRedirects: 3 })(reasonOf("http://a/"))
      expect(reason).toEqual({ _tag: "Redirect", problem: "max", location: "http://a/4" })
      expect(requests()).toBe(4)
      expect(yield* over(client, { maxRedirects: 0 })(reasonOf("http://a/"))).toMatchObject({ problem: "max" })
      expect(requests()).toBe(5)
    }))

  it.effect("tells its Location without secrets", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(FastGet.get("http://a/"))
      expect(error).toMatchObject({ reason: { location: "ftp://***@b/?k=***#***" } })
      expect(error.message).not.toContain("s3cr3t")
    }).pipe(over(redirecting({ "http://a/": "ftp://u:s3cr3t@b/?k=s3cr3t#s3cr3t" }))))

  const secrets = { headers: { authorization: "s3cr3t", cookie: "s3cr3t", "x-api-key": "s3cr3t" } }

  it.effect("within the origin keeps the caller's headers", () =>
    Effect.gen(function*() {
      expect(yield* FastGet.get("http://a/")).toMatchObject({ url: "http://a/2", headers: secrets.headers })
    }).pipe(over(redirecting({ "http://a/": "/2" }), secrets)))

  it.effect.each([
    ["another host", { "http://a/": "http://b/" }],
    ["another port", { "http://a/": "http://a:81/" }],
    ["another scheme", { "http://a/": "https://a/" }],
    ["another host and back", { "http://a/": "http://b/", "http://b/": "http://a/2" }]
  ] as ReadonlyArray<readonly [string, Record<string, string>]>)(
    "to %s leaves what may be a secret behind",
    ([, table]) =>
      Effect.gen(function*() {
        const json = yield* over(redirecting(table), secrets)(FastGet.get("http://a/"))
        expect(JSON.stringify(json)).not.toContain("s3cr3t")
        expect(json).toMatchObject({ headers: { "user-agent": "fastget" } })
      })
  )

  it.effect.each([
    ["another host", { "http://a/": "http://b/" }],
    ["a second other host", { "http://a/": "http://b/", "http://b/": "http://c/" }],
    ["another host and on within it", { "http://a/": "http://b/", "http://b/": "/2" }],
    ["another host and back", { "http://a/": "http://b/", "http://b/": "http://a/2" }]
  ] as ReadonlyArray<readonly [string, Record<string, string>]>)(
    "to %s takes along what says what is wanted, unless it is Redacted or may be a secret",
    ([, table]) =>
      Effect.gen(function*() {
        const harmless = {
          accept: "text/x",
          "accept-charset": "utf-8",
          "accept-datetime": "Thu, 31 May 2007 20:35:00 GMT",
          "accept-language": "de",
          "cache-control": "no-cache",
          dnt: "1",
          pragma: "no-cache",
          "sec-gpc": "1",
          "user-agent": "me"
        }
        const others = ["referer", "origin", "range", "from", "forwarded", "x-own", "accept-own", "proxy-authorization"]
        const headers = {
          ...secrets.headers,
          ...Object.fromEntries(others.map((name) => [name, "s3cr3t"])),
          ...harmless
        }
        const seen = yield* over(redirecting(table), { headers })(FastGet.get("http://a/"))
        expect(seen).toMatchObject({ headers: harmless })
        expect(JSON.stringify(seen)).not.toContain("s3cr3t")
        const redacted = { ...headers, "User-Agent": Redacted.make("s3cr3t"), "Accept": Redacted.make("s3cr3t") }
        const then = yield* over(redirecting(table), { headers })(FastGet.get("http://a/", { headers: redacted }))
        expect(then).toMatchObject({ headers: { "user-agent": "fastget", "accept-language": "de" } })
        expect(JSON.stringify(then)).not.toContain("s3cr3t")
      })
  )

  it.effect("keeps the userinfo of a Location within its origin", () =>
    Effect.gen(function*() {
      const client = redirecting({ "http://a/": "http://u:s3cr3t@b/", "http://b/": "/2", "http://b/2": "http://a/2" })
      expect(JSON.stringify(yield* over(client)(FastGet.get("http://a/")))).not.toContain("Basic")
      const there = redirecting({ "http://a/": "http://u:s3cr3t@b/", "http://b/": "/2" })
      expect(yield* over(there)(FastGet.get("http://a/")))
        .toMatchObject({ url: "http://b/2", headers: { authorization: `Basic ${btoa("u:s3cr3t")}` } })
    }))

  it.effect("to its own URL is followed once, and so is one that comes back; the third time is a loop", () =>
    Effect.gen(function*() {
      for (const path of ["/self", "/there"]) {
        const times = (most: number) => {
          let count = 0
          const client = FakeHttpClient.make((_, url) =>
            url.pathname !== path ? to(path) : ++count > most ? ok() : to(path === "/self" ? path : "/login")
          )
          return Effect.map(over(client)(Effect.either(FastGet.get(`http://a${path}`))), (end) => [count, end])
        }
        expect(yield* times(1)).toMatchObject([2, Either.right({ ok: true })])
        expect(yield* times(2)).toMatchObject([2, { left: { reason: { _tag: "Redirect", problem: "loop" } } }])
      }
    }))

  it.effect("begins anew with each attempt", () =>
    Effect.gen(function*() {
      const { client, requests } = inTurn(() => to("/"), busy({ "retry-after": "0" }), () => to("/"), ok)
      expect(yield* over(client, { throttle: false })(FastGet.get("http://a/"))).toEqual({ ok: true })
      expect(requests()).toBe(4)
    }))

  it.effect.each([300, 304, 305, 306])("is none of %d, whatever its Location says", (status) =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() => new Response(null, { status, headers: { location: "/x" } }))
      expect(yield* over(client)(reasonOf("http://a/"))).toMatchObject({ _tag: "Status", status })
    }))

  it.effect("with an empty Location is bad, and says so", () =>
    Effect.gen(function*() {
      const error = yield* over(redirecting({ "http://a/": "" }))(Effect.flip(FastGet.get("http://a/")))
      expect(error).toMatchObject({ reason: { _tag: "Redirect", problem: "bad", location: "" } })
      expect(error.message).toContain("A redirect to an empty Location was not followed: bad")
    }))

  it.effect("keeps the userinfo of the entry's URL within the origin, and leaves it behind beyond", () =>
    Effect.gen(function*() {
      const client = redirecting({ "http://a/": "/2", "http://a/x": "http://b/" })
      const authorization = `Basic ${btoa("u:s3cr3t")}`
      expect(yield* over(client)(FastGet.get("http://u:s3cr3t@a/"))).toMatchObject({ headers: { authorization } })
      expect(JSON.stringify(yield* over(client)(FastGet.get("http://u:s3cr3t@a/x")))).not.toContain("Basic")
    }))

  it.effect("counts as one attempt, and its last answer is the one told", () =>
    Effect.gen(function*() {
      expect(yield* outcomeOf("http://a/")).toMatchObject({ attempts: 1, status: 200, url: "http://a/" })
    }).pipe(over(redirecting({ "http://a/": "http://b/" }))))
})

describe("a client", () => {
  const failing = (message: string, cause?: unknown) =>
    FakeHttpClient.make((request) =>
      Effect.fail(
        new HttpClientError.RequestError({ request, reason: "Transport", description: message, cause })
      )
    )
  const once: FastGetConfig.InProcessOptions = { retry: { times: 0 } }

  it.effect("that fails and tells no more is Transport", () =>
    Effect.gen(function*() {
      const error = yield* over(failing("it broke"), once)(Effect.flip(FastGet.get("http://a/")))
      expect(error).toMatchObject({ retryable: true, reason: { _tag: "Transport" } })
    }))

  it.effect("whose error repeats the URL does not make the reason tell its secrets", () =>
    Effect.gen(function*() {
      const url = "http://a.example/?token=s3cr3t"
      for (const client of [failing(`GET ${url} failed`), failing("x", new Error(`fetch ${url} failed`))]) {
        const error = yield* over(client, once)(Effect.flip(FastGet.get(url)))
        expect(JSON.stringify(error) + error.message).not.toContain("s3cr3t")
      }
    }))

  it.effect.each([
    ["ECONNREFUSED", "Connect"],
    ["ENOTFOUND", "Dns"],
    ["EMFILE", "LocalLimit"],
    ["ECONNRESET", "Reset"],
    ["CERT_HAS_EXPIRED", "Tls"],
    ["UND_ERR_HEADERS_TIMEOUT", "Timeout"],
    ["HPE_INVALID_CONSTANT", "Protocol"]
  ] as ReadonlyArray<readonly [string, FetchError.ReasonTag]>)(
    "whose error has the code %s is %s",
    ([code, tag]) =>
      Effect.gen(function*() {
        const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("inner"), { code }) })
        expect((yield* over(failing("it broke", cause), once)(reasonOf("http://a/")))._tag).toBe(tag)
      })
  )

  it.effect.each([
    ["UND_ERR_HEADERS_TIMEOUT", { _tag: "Timeout", phase: "headers" }, {}],
    ["UND_ERR_CONNECT_TIMEOUT", { _tag: "Timeout", phase: "connect" }, {}],
    ["UND_ERR_HEADERS_OVERFLOW", { _tag: "TooLarge", of: "headers" }, {}],
    ["HPE_HEADER_OVERFLOW", { _tag: "TooLarge", of: "headers" }, {}],
    ["UND_ERR_RES_EXCEEDED_MAX_SIZE", { _tag: "TooLarge", of: "wire" }, {}],
    ["UND_ERR_HEADERS_OVERFLOW", { _tag: "TooLarge", of: "headers", limit: 123 }, { limit: 123 }],
    ["UND_ERR_BODY_TIMEOUT", { _tag: "Timeout", phase: "body", limit: 123 }, { limit: 123 }]
  ] as ReadonlyArray<readonly [string, object, object]>)(
    "that keeps a limit of its own is not said to have another: %s",
    ([code, expected, fields]) =>
      Effect.gen(function*() {
        const cause = Object.assign(new Error("inner"), { code, ...fields })
        const error = yield* over(failing("it broke", cause), once)(Effect.flip(FastGet.get("http://a/")))
        expect(error).toMatchObject({ reason: expected })
        if (error._tag === "FetchError") expect(error.reason).toEqual(expected)
        expect(error.message).not.toMatch(/undefined|maxBodyBytes| 0 ms/)
      })
  )

  it.effect.each([
    ["dies", () => Effect.die(new Error("a bug"))],
    ["throws", () => {
      throw new Error("a bug")
    }],
    ["interrupts itself", () => Effect.interrupt],
    ["dies within the body", () => new Response(new ReadableStream({ pull: () => Promise.reject(new Error("a bug")) }))]
  ] as ReadonlyArray<readonly [string, () => Response | Effect.Effect<never>]>)(
    "that %s is the failure of that entry only",
    ([, misbehave]) =>
      Effect.gen(function*() {
        const client = FakeHttpClient.make((_, { pathname }) => pathname === "/5" ? misbehave() : ok())
        const results = yield* Stream.runCollect(FastGet.streamEither(urls(20))).pipe(over(client, once))
        expect(results.length).toBe(20)
        expect([...results].filter(([, result]) => Either.isLeft(result)).map(([id]) => id)).toEqual([5])
        expect(new Map(results).get(5)).toMatchObject({ left: { reason: { _tag: "Transport" } } })
      })
  )

  it.effect.each([["connectionsPerOrigin", 7], ["concurrency", 3]] as const)(
    "serves as many requests at once as %s says: %d",
    ([option, bound]) =>
      Effect.gen(function*() {
        let active = 0
        let most = 0
        const full = yield* Deferred.make<void>()
        const client = HttpClient.transform(FakeHttpClient.echoPath, (response) =>
          Effect.acquireUseRelease(
            Effect.suspend(() => {
              most = Math.max(most, ++active)
              return most === bound ? Deferred.succeed(full, undefined) : Effect.void
            }),
            () => Effect.zipRight(Deferred.await(full), response),
            () => Effect.sync(() => active--)
          ))
        expect(yield* over(client, { [option]: bound })(Stream.runCount(FastGet.stream(urls(200))))).toBe(200)
        expect(most).toBe(bound)
      })
  )
})

describe("a schema", () => {
  const User = Schema.Struct({ name: Schema.String, at: Schema.DateFromString })

  it.effect("types and decodes the results of every form", () =>
    Effect.gen(function*() {
      const at = new Date("2020-01-02T03:04:05Z")
      const expected = { name: "a", at }
      expect(yield* FastGet.get("http://a/", { schema: User })).toEqual(expected)
      expect([...yield* Stream.runCollect(FastGet.stream(urls(1), { schema: User }))]).toEqual([[0, expected]])
      const [[, either]] = [...yield* Stream.runCollect(FastGet.streamEither(urls(1), { schema: User }))] as [
        readonly [number, unknown]
      ]
      expect(either).toEqual(Either.right(expected))
      const outcome = Chunk.unsafeHead(yield* Stream.runCollect(FastGet.outcomes(urls(1), { schema: User })))
      expect(outcome.result).toEqual(Either.right(expected))
    }).pipe(over(FakeHttpClient.make(() => FakeHttpClient.json({ name: "a", at: "2020-01-02T03:04:05Z" })))))

  it.effect("that does not fit is Decode with its places, and tells no value", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(FastGet.get("http://a/", { schema: User }))
      expect(error).toMatchObject({
        retryable: false,
        reason: {
          _tag: "Decode",
          problem: "schema",
          where: "at name",
          issues: [{ path: ["name"], expected: "string" }]
        }
      })
      expect(error.message + JSON.stringify(error)).not.toContain("s3cr3t")
    }).pipe(over(FakeHttpClient.make(() => FakeHttpClient.json({ name: ["s3cr3t"], at: "s3cr3t" })))))

  it.effect("may use services", () =>
    Effect.gen(function*() {
      const Shifted = Schema.transformOrFail(Schema.Number, Schema.Number, {
        strict: true,
        decode: (n) => Effect.map(Effect.clock, () => n + 1),
        encode: (n) => Effect.succeed(n - 1)
      })
      expect(yield* FastGet.get("http://a/", { schema: Shifted })).toBe(42)
    }).pipe(over(FakeHttpClient.make(() => FakeHttpClient.json(41)))))
})

describe("FastGet.traffic", () => {
  const settings = FastGetConfig.defaults(1)

  it.effect("is what the pool tells of its origins now", () =>
    Effect.gen(function*() {
      const origin = {
        origin: "http://a",
        waiting: 1,
        opensIn: 900,
        isRefusing: true,
        refusals: 3,
        answered: 5,
        skipped: 0
      }
      const unknown = { askedFor: undefined, learnedRate: undefined, adaptiveLimit: undefined, downSince: undefined }
      let told: ReadonlyArray<FetchPool.OriginTraffic> = []
      const pool = { workers: [], isYoung: () => false, traffic: () => told }
      const look = Effect.provideService(FastGet.traffic, FastGet.FastGet, FastGet.make(pool, settings))
      expect(yield* look).toEqual([])
      told = [{ ...origin, ...unknown }]
      expect(yield* look).toEqual(told)
    }))

  it.effect("is nothing of a pool that tells nothing", () =>
    Effect.gen(function*() {
      const service = FastGet.make({ workers: [], isYoung: () => false }, settings)
      expect(yield* Effect.provideService(FastGet.traffic, FastGet.FastGet, service)).toEqual([])
    }))
})

describe("FastGet.get", () => {
  it.effect("fails with an error that has no id", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(FastGet.get("no url"))
      expect(error).toMatchObject({ _tag: "FetchError", id: undefined, attempts: 0, reason: { _tag: "InvalidUrl" } })
    }).pipe(over(FakeHttpClient.echoPath)))

  it.effect("stops its request when it is interrupted", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const stopped = yield* Deferred.make<void>()
      const client = FakeHttpClient.make(() =>
        Deferred.succeed(started, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(stopped, undefined))
        )
      )
      const fiber = yield* Effect.fork(over(client)(FastGet.get("http://a/")))
      yield* Deferred.await(started)
      const exit = yield* Fiber.interrupt(fiber)
      yield* Deferred.await(stopped)
      expect(Exit.isInterrupted(exit)).toBe(true)
    }))
})
