import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { FastGet, FastGetConfig, FetchPool } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const resolve = (options: unknown) =>
  FastGetConfig.resolve(options as FastGetConfig.LayerOptions, FastGetConfig.defaults(4))

describe("the options", () => {
  it("have these defaults", () => {
    expect(FastGetConfig.defaults(4)).toStrictEqual({
      numWorkers: 4,
      queueMaxSize: 100_000,
      inputChunkSize: 10_000,
      poolSubmitSize: 1000,
      concurrency: Infinity,
      connectionsPerOrigin: 64,
      maxConnections: 4096,
      rate: undefined,
      throttle: { giveUpAfter: 900_000 },
      origins: [],
      timeout: 30_000,
      deadline: Infinity,
      connectTimeout: 10_000,
      retry: { times: 2, base: 500, cap: 30_000, budget: 0.2 },
      headers: {},
      denyPrivate: false,
      maxRedirects: 10,
      maxBodyBytes: 32 * 1024 * 1024,
      maxBufferedBytes: 256 * 1024 * 1024,
      emptyBody: "fail",
      chunkWithin: 50,
      startTimeout: 10_000,
      stuckTimeout: 10_000,
      decodeTimeout: 10_000,
      fastPath: true,
      spans: "run",
      propagate: [],
      log: "structured",
      logLevel: LogLevel.Debug
    })
  })

  it("say of each where it may be set", () => {
    const scopes = Object.entries(FastGetConfig.fields).map(([name, { scope }]) => [name, scope])
    expect(Object.fromEntries(scopes)).toEqual({
      numWorkers: "layer",
      queueMaxSize: "both",
      inputChunkSize: "both",
      poolSubmitSize: "both",
      concurrency: "both",
      connectionsPerOrigin: "layer",
      maxConnections: "layer",
      rate: "both",
      throttle: "layer",
      origins: "layer",
      timeout: "both",
      deadline: "both",
      connectTimeout: "layer",
      retry: "both",
      headers: "both",
      denyPrivate: "layer",
      maxRedirects: "both",
      maxBodyBytes: "both",
      maxBufferedBytes: "both",
      emptyBody: "both",
      chunkWithin: "both",
      startTimeout: "layer",
      stuckTimeout: "layer",
      decodeTimeout: "both",
      fastPath: "both",
      spans: "both",
      propagate: "both",
      log: "both",
      logLevel: "both"
    })
  })

  it.effect("take durations in every form, and names of levels", () =>
    Effect.gen(function*() {
      const settings = yield* resolve({
        timeout: "5 seconds",
        connectTimeout: Duration.seconds(1),
        chunkWithin: 7,
        retry: { times: 0, base: "1 second" },
        concurrency: "unbounded",
        logLevel: "Debug",
        rate: { requests: 90, per: Duration.minutes(1) },
        throttle: { giveUpAfter: "2 minutes" }
      })
      expect(settings).toMatchObject({
        rate: { requests: 90, per: 60_000, burst: undefined },
        throttle: { giveUpAfter: 120_000 },
        timeout: 5000,
        connectTimeout: 1000,
        chunkWithin: 7,
        retry: { times: 0, base: 1000, cap: 30_000, budget: 0.2 },
        concurrency: Infinity
      })
      expect(settings.logLevel).toBe(LogLevel.Debug)
    }))

  it.effect("that are undefined keep what was before", () =>
    Effect.gen(function*() {
      expect(yield* resolve({ timeout: undefined, numWorkers: undefined })).toStrictEqual(FastGetConfig.defaults(4))
    }))

  it.effect("add a stream's headers to the layer's, by name without case, and take secrets out", () =>
    Effect.gen(function*() {
      const layer = yield* resolve({ headers: { "X-A": "1", "X-B": "1" } })
      const stream = yield* FastGetConfig.resolve({ headers: { "x-b": Redacted.make("2"), "x-c": "3" } }, layer)
      expect(stream.headers).toEqual({ "x-a": "1", "x-b": "2", "x-c": "3" })
      expect([layer.secretHeaders, stream.secretHeaders]).toEqual([undefined, ["x-b"]])
      // What was a secret of the layer may be none of the stream.
      const next = yield* FastGetConfig.resolve({ headers: { "X-B": "3", "X-D": Redacted.make("4") } }, stream)
      expect([next.headers["x-b"], next.secretHeaders]).toEqual(["3", ["x-d"]])
      expect((yield* FastGetConfig.resolve({ headers: { "x-d": "4" } }, next)).secretHeaders).toBeUndefined()
      expect((yield* FastGetConfig.resolve({ timeout: 1 }, next)).secretHeaders).toEqual(["x-d"])
    }))

  it.effect.each([
    ["numWorkers", 0],
    ["numWorkers", -1],
    ["numWorkers", 1.5],
    ["numWorkers", 1025],
    ["numWorkers", NaN],
    ["numWorkers", "4"],
    ["queueMaxSize", 0],
    ["queueMaxSize", Infinity],
    ["inputChunkSize", 0],
    ["poolSubmitSize", 0],
    ["concurrency", 0],
    ["concurrency", "many"],
    ["rate", 5],
    ["rate", null],
    ["rate", "0/s"],
    ["rate", "-1/s"],
    ["rate", "1/0s"],
    ["rate", "1.5/s"],
    ["rate", "100rps"],
    ["rate", "many"],
    ["rate", { requests: 0, per: 1000 }],
    ["rate", { requests: 10, per: 0 }],
    ["rate", { requests: 10, per: "30 days" }],
    ["rate", { requests: 10, per: 1000, burst: 0 }],
    ["rate", { requests: 10, per: 1000, burst: 1.5 }],
    ["throttle", true],
    ["throttle", null],
    ["throttle", "off"],
    ["throttle", { giveUpAfter: 0 }],
    ["connectionsPerOrigin", 0],
    ["connectionsPerOrigin", 70_000],
    ["maxConnections", 0],
    ["timeout", 0],
    ["timeout", -1],
    ["timeout", "soon"],
    ["timeout", "25 days"],
    ["timeout", Infinity],
    ["connectTimeout", NaN],
    ["retry", { times: -1 }],
    ["retry", { times: 101 }],
    ["retry", { times: 1, base: 0 }],
    ["retry", { cap: "never" }],
    ["retry", { budget: -0.1 }],
    ["retry", { budget: "none" }],
    ["deadline", 0],
    ["deadline", "never"],
    ["retry", 3],
    ["retry", null],
    ["denyPrivate", "yes"],
    ["denyPrivate", null],
    ["denyPrivate", { allow: "10.0.0.0/8" }],
    ["denyPrivate", { allow: ["localhost"] }],
    ["maxRedirects", -1],
    ["maxBodyBytes", 0],
    ["maxBodyBytes", 2 ** 31],
    ["maxBufferedBytes", 0],
    ["maxBufferedBytes", 2 ** 36 + 1],
    ["emptyBody", "undefined"],
    ["chunkWithin", 0],
    ["startTimeout", 0],
    ["logLevel", "Loud"],
    ["logLevel", null]
  ])("refuse %s: %j by name, value and range", ([name, value]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(resolve({ [name as string]: value }))
      expect(error.option).toBe(name)
      expect(error.range).toBe(FastGetConfig.fields[name as FastGetConfig.Name].range)
      const shown = typeof value === "number" ? String(value) : JSON.stringify(value)
      expect(error.message).toBe(`The option ${name} can't be ${shown}: it takes ${error.range}`)
    }))

  it.effect.each([
    ["a line feed", { "x-token": "s3cr3t\nX-Evil: 1" }],
    ["a carriage return", { "x-token": "s3cr3t\r" }],
    ["a NUL", { "x-token": "s3cr3t\0" }],
    ["a character beyond Latin-1", { "x-token": "s3cr3t €" }],
    ["a bad name", { "x token": "s3cr3t" }],
    ["an empty name", { "": "s3cr3t" }],
    ["a colon in the name", { "x:token": "s3cr3t" }],
    ["a secret with a line feed", { "x-token": Redacted.make("s3cr3t\n") }],
    ["a value that is no text", { "x-token": 7 }],
    ["no object", "s3cr3t"]
  ] as ReadonlyArray<readonly [string, unknown]>)(
    "refuse headers with %s and repeat none of them",
    ([, headers]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(resolve({ headers }))
        expect(error.option).toBe("headers")
        expect(JSON.stringify(error) + error.message).not.toContain("s3cr3t")
      })
  )

  it.effect.each([
    "connection",
    "Keep-Alive",
    "proxy-connection",
    "Transfer-Encoding",
    "upgrade",
    "expect",
    "content-length",
    "te",
    "Trailer",
    "http2-settings",
    ":authority",
    "__proto__"
  ])("refuse the header %s by name: it is the client's", (name) =>
    Effect.gen(function*() {
      for (const value of ["s3cr3t", Redacted.make("s3cr3t")]) {
        const error = yield* Effect.flip(resolve({ headers: { accept: "text/plain", ...JSON.parse(`{"${name}":0}`) } }))
        expect(error.message).toContain(`"${name}"`)
        const given = Object.fromEntries([["accept", "text/plain"], [name, value]])
        const secret = yield* Effect.flip(resolve({ headers: given }))
        expect(secret.option).toBe("headers")
        expect(secret.message).toContain(`"${name}"`)
        expect(JSON.stringify(secret) + secret.message).not.toContain("s3cr3t")
      }
    }))

  it.effect("say of a header which one can't be sent and why, but no value", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [headers: unknown, problem: string]> = [
        [{ "x-a": "s3cr3t\r\nx-b: 1" }, "the value of \"x-a\" has a carriage return in it"],
        [{ "x-a": Redacted.make("s3cr3t\0") }, "the value of \"x-a\" has a NUL in it"],
        [{ "x-a": "s3cr3t\u20ac" }, "the value of \"x-a\" has a character beyond Latin-1 in it"],
        [{ "x-a": "s3cr3t\x7f" }, "the value of \"x-a\" has a control character in it"],
        [{ "x-a": undefined }, "the value of \"x-a\" is no text"],
        [{ "x-a": ["s3cr3t"] }, "the value of \"x-a\" is no text"],
        [{ "authorization: s3cr3t": "" }, "the name that begins with \"authorization\" has a colon in it"],
        [{ "x a": "s3cr3t" }, "the name that begins with \"x\" has a space in it"],
        [{ "": "s3cr3t" }, "a header has no name"],
        [new Headers({ authorization: "s3cr3t" }), "they are a list"],
        [new Map([["authorization", "s3cr3t"]]), "they are a list"],
        [[["authorization", "s3cr3t"]], "they are a list"],
        [null, "they are no object"]
      ]
      for (const [headers, problem] of cases) {
        const error = yield* Effect.flip(resolve({ headers }))
        expect(error.message).toContain(`The option headers can't be the given headers: ${problem}`)
        expect(JSON.stringify(error) + error.message).not.toContain("s3cr3t")
      }
      const wiped = Redacted.make("s3cr3t")
      Redacted.unsafeWipe(wiped)
      expect((yield* Effect.flip(resolve({ headers: { "x-a": wiped } }))).message).toContain("\"x-a\" is no text")
    }))

  it.effect("let every other header be", () =>
    Effect.gen(function*() {
      const headers = { host: "a.example", "accept-encoding": "br", "content-type": "a/b", range: "bytes=0-1", dnt: "" }
      expect((yield* resolve({ headers })).headers).toEqual(headers)
    }))

  it.effect("that do not exist are refused by name, with what was perhaps meant and without their value", () =>
    Effect.gen(function*() {
      const message = (options: object) => Effect.map(Effect.flip(resolve(options)), (error) => error.message)
      expect(yield* message({ connectionPerOrigin: 5 }))
        .toBe(
          "The option connectionPerOrigin can't be given here: there is no such option; perhaps connectionsPerOrigin was meant"
        )
      expect(yield* message({ header: { authorization: "s3cr3t" } }))
        .toBe("The option header can't be given here: there is no such option; perhaps headers was meant")
      expect(yield* message({ timeOut: 5 })).toContain("perhaps timeout was meant")
      expect(yield* message({ deny_private: true })).toContain("perhaps denyPrivate was meant")
      expect(yield* message({ constructor: 1 })).toBe(
        "The option constructor can't be given here: there is no such option"
      )
      expect(yield* message({ retry: { time: 5 } }))
        .toContain("it has no \"time\", but times, base, cap, budget; perhaps times was meant; it takes times a whole")
      expect(yield* message({ denyPrivate: { allow: [], deny: ["::1"] } })).toContain("it has no \"deny\", but allow")
      for (const option of ["retry", "throttle", "rate", "origins", "denyPrivate"]) {
        for (const value of [[], new Map(), new Date(), null]) {
          expect(yield* message({ [option]: value })).toContain(`The option ${option} can't be`)
        }
      }
      expect(yield* resolve({ nothing: undefined })).toStrictEqual(FastGetConfig.defaults(4))
    }))

  it.effect("of a value that JSON does not know are shown all the same", () =>
    Effect.gen(function*() {
      const circular: Record<string, unknown> = { times: -1 }
      circular["base"] = circular
      expect((yield* Effect.flip(resolve({ retry: circular }))).option).toBe("retry")
      expect((yield* Effect.flip(resolve({ retry: { times: 1n } }))).option).toBe("retry")
      expect((yield* Effect.flip(resolve({ timeout: Duration.days(30) }))).value).toBe("30d")
    }))

  const given = (options: object) =>
    Effect.map(
      Effect.exit(Effect.provide(FastGet.FastGet, FakeHttpClient.layerFastGet(FakeHttpClient.echoPath, options))),
      (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "made"
    )

  it.effect.each(["numWorkers", "connectTimeout", "startTimeout", "stuckTimeout"])(
    "refuse %s of a layer without threads, which could not keep it",
    (name) =>
      Effect.gen(function*() {
        expect(yield* given({ [name]: 1 })).toContain(
          `The option ${name} can't be given here: FastGet.layer has no threads`
        )
        expect(yield* given({ [name]: undefined })).toBe("made")
      })
  )

  it.effect("refuse of a stream what is the layer's to say", () =>
    Effect.gen(function*() {
      const layerOnly = {
        numWorkers: 1,
        connectionsPerOrigin: 1,
        throttle: false,
        origins: {},
        connectTimeout: 1,
        denyPrivate: true,
        nonsense: 1
      }
      for (const [name, value] of Object.entries(layerOnly)) {
        const exit = yield* Effect.exit(Effect.provide(
          FastGet.get("http://a/", { [name]: value } as object),
          FakeHttpClient.layerFastGet(FakeHttpClient.echoPath)
        ))
        expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(`The option ${name} can't be given here`)
      }
    }))

  it.effect("let a stream lower the rate of its layer, and refuse to raise it", () =>
    Effect.gen(function*() {
      type Rate = FastGetConfig.StreamOptions["rate"]
      const ofStream = (rate: Rate, layers: Rate) =>
        Effect.gen(function*() {
          const layer = yield* resolve({ rate: layers })
          const stream = yield* Effect.either(FastGetConfig.resolve({ ...rate && { rate } }, layer, "stream"))
          return stream._tag === "Right" ? stream.right.rate : stream.left.message
        })
      const lower = { requests: 6000, per: 60_000, burst: undefined }
      expect(yield* ofStream("6000/min", "100/s")).toEqual(lower)
      expect(yield* ofStream("6000/min", undefined)).toEqual(lower)
      expect(yield* ofStream(undefined, "1/10s")).toEqual({ requests: 1, per: 10_000, burst: undefined })
      expect(yield* ofStream("6001/min", "100/s"))
        .toBe("The option rate can't be \"6001/min\": the layer's is 100/s, and a stream may only lower it")
      const burst = (burst: number) => ({ requests: 1, per: "1 second", burst }) as const
      expect(yield* ofStream(burst(5), burst(5))).toMatchObject({ burst: 5 })
      expect(yield* ofStream(burst(6), burst(5))).toContain("the layer's has a burst of 5, and a stream may only")
      expect(yield* ofStream(burst(1), "90/90s")).toContain("the layer's has no burst, and a stream may only lower it")
      expect(yield* ofStream("2/10s", "1/10s")).toContain("the layer's is 1/10s, and")
    }))

  it.effect("let a stream be adaptive only on a layer that is", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        FastGetConfig.resolve({ concurrency: "adaptive" }, FastGetConfig.defaults(1), "stream")
      )
      expect(error.message).toContain("The option concurrency can't be \"adaptive\": it is found for an origin and all")
      const layer = yield* resolve({ concurrency: "adaptive" })
      expect(layer.concurrency).toBe("adaptive")
      expect(yield* FastGetConfig.resolve({ concurrency: "adaptive" }, layer, "stream")).toEqual(layer)
      expect(yield* FastGetConfig.resolve({ concurrency: 3 }, layer, "stream")).toMatchObject({ concurrency: 3 })
    }))

  it.effect("refuse headers of settings that were never checked", () =>
    Effect.gen(function*() {
      const settings = { ...FastGetConfig.defaults(1), headers: { connection: "close" } }
      const client = Layer.succeed(HttpClient.HttpClient, FakeHttpClient.echoPath)
      const layer = FastGet.layerPool(settings).pipe(Layer.provide(FetchPool.layerInProcess), Layer.provide(client))
      const exit = yield* Effect.exit(Effect.provide(FastGet.FastGet, layer))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("\"connection\" can't be set")
    }))

  it.effect("refuse limits that the pool does not keep, by name", () =>
    Effect.gen(function*() {
      const client = Layer.succeed(HttpClient.HttpClient, FakeHttpClient.echoPath)
      const made = (options: FastGetConfig.LayerOptions, pool: typeof FetchPool.layerInProcess) =>
        Effect.flatMap(resolve(options), (settings) =>
          FastGet.FastGet.pipe(
            Effect.provide(FastGet.layerPool(settings).pipe(Layer.provide(pool), Layer.provide(client))),
            Effect.exit
          ))
      const limits: ReadonlyArray<readonly [string, FastGetConfig.LayerOptions]> = [
        ["rate", { rate: "5/s" }],
        ["throttle", { throttle: false }],
        ["origins", { origins: { "a.example": { connections: 1 } } }],
        ["concurrency", { concurrency: "adaptive" }]
      ]
      for (const [name, options] of limits) {
        const refused = yield* made(options, FetchPool.layerInProcess)
        expect(Exit.isFailure(refused) && String(refused.cause)).toContain(`The option ${name} can't be`)
        const kept = yield* made(options, FetchPool.layerInProcessWith(yield* resolve(options)))
        expect(Exit.isSuccess(kept)).toBe(true)
      }
      expect(Exit.isSuccess(yield* made({}, FetchPool.layerInProcess))).toBe(true)
    }))

  it.effect("out of range are a defect of the layer and of the stream, told by name", () =>
    Effect.gen(function*() {
      const layer = FakeHttpClient.layerFastGet(FakeHttpClient.echoPath, { timeout: -1 })
      const made = yield* Effect.exit(Effect.provide(FastGet.FastGet, layer))
      expect(Exit.isFailure(made) && String(made.cause)).toContain("The option timeout can't be -1")
      const got = yield* FastGet.get("http://a/", { timeout: -2 } as object).pipe(
        Effect.provide(FakeHttpClient.layerFastGet(FakeHttpClient.echoPath)),
        Effect.exit
      )
      expect(Exit.isFailure(got) && String(got.cause)).toContain("The option timeout can't be -2")
    }))
})

describe("the environment", () => {
  const fromEnv = (entries: ReadonlyArray<readonly [string, string]>) =>
    FastGetConfig.fromEnv.pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map(entries))))

  it("has these names", () => {
    const names = Object.keys(FastGetConfig.fields).map((name) =>
      FastGetConfig.environmentName(name as FastGetConfig.Name)
    )
    expect(names).toEqual([
      "FASTGET_NUM_WORKERS",
      "FASTGET_QUEUE_MAX_SIZE",
      "FASTGET_INPUT_CHUNK_SIZE",
      "FASTGET_POOL_SUBMIT_SIZE",
      "FASTGET_CONCURRENCY",
      "FASTGET_CONNECTIONS_PER_ORIGIN",
      "FASTGET_MAX_CONNECTIONS",
      "FASTGET_RATE",
      "FASTGET_THROTTLE",
      "FASTGET_ORIGINS",
      "FASTGET_TIMEOUT",
      "FASTGET_DEADLINE",
      "FASTGET_CONNECT_TIMEOUT",
      "FASTGET_RETRY",
      "FASTGET_HEADERS",
      "FASTGET_DENY_PRIVATE",
      "FASTGET_MAX_REDIRECTS",
      "FASTGET_MAX_BODY_BYTES",
      "FASTGET_MAX_BUFFERED_BYTES",
      "FASTGET_EMPTY_BODY",
      "FASTGET_CHUNK_WITHIN",
      "FASTGET_START_TIMEOUT",
      "FASTGET_STUCK_TIMEOUT",
      "FASTGET_DECODE_TIMEOUT",
      "FASTGET_FAST_PATH",
      "FASTGET_SPANS",
      "FASTGET_PROPAGATE",
      "FASTGET_LOG",
      "FASTGET_LOG_LEVEL"
    ])
  })

  it.effect("that is empty sets nothing", () =>
    Effect.gen(function*() {
      expect(yield* Effect.flatMap(fromEnv([]), resolve)).toStrictEqual(FastGetConfig.defaults(4))
    }))

  it.effect("sets every option", () =>
    Effect.gen(function*() {
      const options = yield* fromEnv([
        ["FASTGET_NUM_WORKERS", "3"],
        ["FASTGET_QUEUE_MAX_SIZE", "500"],
        ["FASTGET_INPUT_CHUNK_SIZE", "50"],
        ["FASTGET_POOL_SUBMIT_SIZE", "20"],
        ["FASTGET_CONCURRENCY", "7"],
        ["FASTGET_CONNECTIONS_PER_ORIGIN", "8"],
        ["FASTGET_TIMEOUT", "5 seconds"],
        ["FASTGET_MAX_CONNECTIONS", "100"],
        ["FASTGET_RATE", "600/min"],
        ["FASTGET_BURST", "5"],
        ["FASTGET_THROTTLE", "1h"],
        ["FASTGET_ORIGINS", "{ \"https://A.example\": { \"rate\": \"5/s\" } }"],
        ["FASTGET_DEADLINE", "1 minute"],
        ["FASTGET_CONNECT_TIMEOUT", "900 millis"],
        ["FASTGET_RETRY_BUDGET", "0.5"],
        ["FASTGET_DENY_PRIVATE", "10.0.0.0/8, ::1"],
        ["FASTGET_RETRY_TIMES", "5"],
        ["FASTGET_RETRY_BASE", "1 second"],
        ["FASTGET_RETRY_CAP", "1 minute"],
        ["FASTGET_HEADERS", "authorization: Bearer a:b\n\n x-b :  c \nAccept: text/x"],
        ["FASTGET_MAX_REDIRECTS", "0"],
        ["FASTGET_MAX_BODY_BYTES", "1024"],
        ["FASTGET_MAX_BUFFERED_BYTES", "65536"],
        ["FASTGET_EMPTY_BODY", "null"],
        ["FASTGET_CHUNK_WITHIN", "10 millis"],
        ["FASTGET_START_TIMEOUT", "2 seconds"],
        ["FASTGET_STUCK_TIMEOUT", "3 seconds"],
        ["FASTGET_DECODE_TIMEOUT", "4 seconds"],
        ["FASTGET_FAST_PATH", "false"],
        ["FASTGET_SPANS", "entry"],
        ["FASTGET_PROPAGATE", "a.example,*.b.example"],
        ["FASTGET_LOG", "original"],
        ["FASTGET_LOG_LEVEL", "DEBUG"]
      ])
      expect(yield* resolve(options)).toStrictEqual({
        numWorkers: 3,
        queueMaxSize: 500,
        inputChunkSize: 50,
        poolSubmitSize: 20,
        concurrency: 7,
        connectionsPerOrigin: 8,
        maxConnections: 100,
        rate: { requests: 600, per: 60_000, burst: 5 },
        throttle: { giveUpAfter: 3_600_000 },
        origins: [{ pattern: "https://a.example", rate: { requests: 5, per: 1000, burst: undefined } }],
        timeout: 5000,
        deadline: 60_000,
        connectTimeout: 900,
        retry: { times: 5, base: 1000, cap: 60_000, budget: 0.5 },
        headers: { authorization: "Bearer a:b", "x-b": "c", accept: "text/x" },
        secretHeaders: ["authorization", "x-b"],
        denyPrivate: { allow: ["10.0.0.0/8", "::1"] },
        maxRedirects: 0,
        maxBodyBytes: 1024,
        maxBufferedBytes: 65_536,
        emptyBody: "null",
        chunkWithin: 10,
        startTimeout: 2000,
        stuckTimeout: 3000,
        decodeTimeout: 4000,
        fastPath: false,
        spans: "entry",
        propagate: ["a.example", "*.b.example"],
        log: "original",
        logLevel: LogLevel.Debug
      })
    }))

  it.effect.each(["None", "OFF", "Info", "INFO", "Warning", "WARN"])(
    "takes the level %s",
    (level) =>
      Effect.gen(function*() {
        const { logLevel } = yield* Effect.flatMap(fromEnv([["FASTGET_LOG_LEVEL", level]]), resolve)
        const expected = LogLevel.allLevels.find(({ _tag, label }) => _tag === level || label === level)
        expect(logLevel).toBe(expected)
      })
  )

  it.effect("has the burst of a rate in a variable of its own, which is nothing without the rate", () =>
    Effect.gen(function*() {
      expect(yield* fromEnv([["FASTGET_RATE", "1/10s"]])).toMatchObject({ rate: { requests: 1, per: 10_000 } })
      const error = yield* Effect.flip(fromEnv([["FASTGET_BURST", "5"]]))
      expect(String(error)).toContain("FASTGET_BURST can't be given without a rate")
    }))

  it.effect("may switch throttling off, and say that concurrency is adaptive", () =>
    Effect.gen(function*() {
      expect(yield* fromEnv([["FASTGET_THROTTLE", "off"], ["FASTGET_CONCURRENCY", "adaptive"]]))
        .toMatchObject({ throttle: false, concurrency: "adaptive" })
      expect(yield* Effect.flatMap(fromEnv([["FASTGET_THROTTLE", "on"]]), resolve))
        .toMatchObject({ throttle: { giveUpAfter: 900_000 } })
    }))

  it.effect("may say that concurrency is unbounded", () =>
    Effect.gen(function*() {
      expect(yield* fromEnv([["FASTGET_CONCURRENCY", "unbounded"]])).toMatchObject({ concurrency: "unbounded" })
    }))

  it.effect("may deny private addresses with no exception", () =>
    Effect.gen(function*() {
      expect(yield* fromEnv([["FASTGET_DENY_PRIVATE", "true"]])).toMatchObject({ denyPrivate: true })
    }))

  it.effect("may say that there is no budget for retries, and no deadline", () =>
    Effect.gen(function*() {
      const options = yield* fromEnv([["FASTGET_RETRY_BUDGET", "unbounded"], ["FASTGET_DEADLINE", "none"]])
      expect(yield* resolve(options)).toMatchObject({ retry: { budget: Infinity }, deadline: Infinity })
    }))

  it.effect.each(
    [
      ["FASTGET_NUM_WORKERS", "four"],
      ["FASTGET_TIMEOUT", "soon"],
      ["FASTGET_RETRY_TIMES", "x"],
      ["FASTGET_EMPTY_BODY", "maybe"],
      ["FASTGET_LOG_LEVEL", "Loud"],
      ["FASTGET_CONCURRENCY", "many"],
      ["FASTGET_RATE", "100"],
      ["FASTGET_BURST", "0"],
      ["FASTGET_THROTTLE", "15"],
      ["FASTGET_ORIGINS", "{"]
    ] as const
  )("is refused by name when %s is %s", ([name, value]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(fromEnv([[name, value]]))
      expect(String(error)).toContain(name)
    }))

  it.effect.each([
    ["10s", 10_000],
    ["500ms", 500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["10 seconds", 10_000],
    ["1 second", 1000],
    [" 10 s\n", 10_000],
    ["1 day", 86_400_000],
    ["2d", 172_800_000],
    ["1 week", 604_800_000],
    ["1m30s", 90_000],
    ["1 hour 30 minutes", 5_400_000],
    ["0.5s", 500],
    [".5s", 500],
    ["1500 micros", 1.5],
    ["1500us", 1.5],
    ["1500\u00b5s", 1.5],
    ["1500\u03bcs", 1.5],
    ["2000000 nanos", 2]
  ] as ReadonlyArray<readonly [string, number]>)("takes the duration %j", ([text, millis]) =>
    Effect.gen(function*() {
      const names = ["FASTGET_TIMEOUT", "FASTGET_DEADLINE", "FASTGET_RETRY_BASE"] as const
      const options = yield* fromEnv(names.map((name) => [name, text]))
      const { deadline, retry, timeout } = yield* resolve(options)
      expect([timeout, deadline, retry.base]).toEqual([millis, millis, millis])
    }))

  it.effect.each([
    "10",
    "1.5",
    "",
    " ",
    "s",
    "soon",
    "-5s",
    "+5s",
    "1,5s",
    "1e3s",
    "0x10s",
    "10S",
    "10 Seconds",
    "1M",
    "10 parsecs",
    "Infinity",
    "infinity",
    "NaN",
    "null",
    "30s1m",
    "1s1s",
    "1m30",
    "10s!",
    "10;s",
    "5.s",
    "\u0661s",
    "PT10S",
    "00:10"
  ])("refuses the duration %j, names the variable, and says how to write one", (text) =>
    Effect.gen(function*() {
      for (const name of ["FASTGET_TIMEOUT", "FASTGET_DEADLINE", "FASTGET_RETRY_CAP"]) {
        const message = String(yield* Effect.flip(fromEnv([[name, text]])))
        expect(message).toContain(`${name} can't be ${JSON.stringify(text)}`)
        expect(message).toContain("10s, 500ms, 2m, 1.5h or \"10 seconds\"")
      }
    }))

  it.effect("says of a number without a unit, and of a unit in capitals, what was perhaps meant", () =>
    Effect.gen(function*() {
      const message = (text: string) => Effect.map(Effect.flip(fromEnv([["FASTGET_TIMEOUT", text]])), String)
      expect(yield* message("10")).toContain("a number needs its unit, 10s or 10ms")
      expect(yield* message("10 SECONDS")).toContain("units are written small, 10 seconds")
    }))

  it.effect.each([
    ["FASTGET_TIMEOUT", "0s"],
    ["FASTGET_TIMEOUT", "25 days"],
    ["FASTGET_DEADLINE", "0ms"],
    ["FASTGET_CHUNK_WITHIN", "9999999999999999999999999h"],
    ["FASTGET_RETRY_BASE", "0s"],
    ["FASTGET_RETRY_CAP", "25d"],
    ["FASTGET_RETRY_TIMES", "101"],
    ["FASTGET_RETRY_TIMES", "1.5"],
    ["FASTGET_RETRY_BUDGET", "-1"],
    ["FASTGET_MAX_REDIRECTS", ""]
  ])("is out of range when %s is %j", ([name, value]) =>
    Effect.gen(function*() {
      const error: unknown = yield* Effect.flip(Effect.flatMap(fromEnv([[name!, value!]]), resolve))
      expect(String(error)).toMatch(/can't be .*it takes/)
    }))

  it.effect("takes truths in the words of Effect, in any case of letters", () =>
    Effect.gen(function*() {
      for (const text of ["true", "TRUE", "yes", "on", "1", " True "]) {
        expect(yield* fromEnv([["FASTGET_DENY_PRIVATE", text], ["FASTGET_FAST_PATH", text]]))
          .toMatchObject({ denyPrivate: true, fastPath: true })
      }
      for (const text of ["", "maybe", "10.0.0.0/8,", "localhost"]) {
        expect(String(yield* Effect.flip(fromEnv([["FASTGET_DENY_PRIVATE", text]])))).toContain("FASTGET_DENY_PRIVATE")
      }
    }))

  it.effect("loses no header, whatever its name is", () =>
    Effect.gen(function*() {
      for (const lines of ["__proto__: s3cr3t", "a: 1\n__proto__: s3cr3t\nb: 2", "te: s3cr3t", ":path: s3cr3t"]) {
        const error = yield* Effect.flip(Effect.flatMap(fromEnv([["FASTGET_HEADERS", lines]]), resolve))
        expect(String(error)).toContain("The option headers can't be")
        expect(String(error)).not.toContain("s3cr3t")
      }
    }))

  it.effect("repeats no header when it is refused", () =>
    Effect.gen(function*() {
      const options = yield* fromEnv([["FASTGET_HEADERS", "no colon s3cr3t"]])
      const error = yield* Effect.flip(resolve(options))
      expect(error.option).toBe("headers")
      expect(error.message).not.toContain("s3cr3t")
    }))
})
