import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { FastGet, FastGetConfig } from "fastget"
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
      logLevel: LogLevel.Info
    })
  })

  it("say of each where it may be set", () => {
    const places = Object.entries(FastGetConfig.fields).map(([name, { place }]) => [name, place])
    expect(Object.fromEntries(places)).toEqual({
      numWorkers: "layer",
      queueMaxSize: "both",
      inputChunkSize: "both",
      poolSubmitSize: "both",
      concurrency: "both",
      connectionsPerOrigin: "layer",
      maxConnections: "layer",
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
        logLevel: "Debug"
      })
      expect(settings).toMatchObject({
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
      ["FASTGET_CONCURRENCY", "many"]
    ] as const
  )("is refused by name when %s is %s", ([name, value]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(fromEnv([[name, value]]))
      expect(String(error)).toContain(name)
    }))

  it.effect("repeats no header when it is refused", () =>
    Effect.gen(function*() {
      const options = yield* fromEnv([["FASTGET_HEADERS", "no colon s3cr3t"]])
      const error = yield* Effect.flip(resolve(options))
      expect(error.option).toBe("headers")
      expect(error.message).not.toContain("s3cr3t")
    }))
})
