import { FailureCount } from "#internal/run/FailureCount"
import * as RunLog from "#internal/run/RunLog"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import { FastGet, FastGetConfig } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const entries = (count: number) => Array.from({ length: count }, (_, n) => [n, `http://a.example/${n}`] as const)

interface Record {
  readonly level: string
  readonly message: string
  readonly annotations: Readonly<{ [name: string]: unknown }>
}

/** What a program logs. */
const logOf = <A, E>(program: Effect.Effect<A, E, FastGet.FastGet>, options: FastGetConfig.InProcessOptions) =>
  Effect.gen(function*() {
    const records: Array<Record> = []
    const logger = Logger.make(({ annotations, logLevel, message }) => {
      records.push({ level: logLevel._tag, message: String(message), annotations: Object.fromEntries(annotations) })
    })
    const client = FakeHttpClient.make((_, { pathname }) =>
      pathname === "/3" ? new Response("", { status: 404 }) : FakeHttpClient.json(pathname)
    )
    yield* program.pipe(
      Effect.provide(FakeHttpClient.layerFastGet(client, options)),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Logger.withMinimumLogLevel(LogLevel.All)
    )
    return records
  })

const messages = (records: ReadonlyArray<Record>) => records.map(({ message }) => message)

const original = { log: "original", logLevel: "Info" } as const

const all = Stream.runDrain(FastGet.streamEither(entries(25)))

describe("the log of a stream", () => {
  it.effect("is a record at the start, one every inputChunkSize, and one at the end, at Debug", () =>
    Effect.gen(function*() {
      const records = yield* logOf(all, {
        logLevel: FastGetConfig.fields.logLevel.default,
        inputChunkSize: 10,
        queueMaxSize: 10
      })
      const parameters = { numWorkers: 1, queueMaxSize: 10, inputChunkSize: 10, poolSubmitSize: 1000 }
      expect(records).toEqual([
        ["FastGet run starts", parameters],
        ["FastGet run goes on", { outcomes: 10 }],
        ["FastGet run goes on", { outcomes: 20 }],
        ["FastGet run ends", {
          outcomes: 25,
          failures: 1,
          failuresByReason: { Status: 1 },
          requests: 25,
          bytes: expect.any(Number),
          seconds: expect.any(Number),
          outcomesPerSecond: expect.any(Number)
        }]
      ].map(([message, annotations]) => ({
        level: "Debug",
        message,
        annotations: { package: "fastget", run: 0, ...annotations as object }
      })))
    }))

  it.effect("is one object for each record of a logger in JSON", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const json = Logger.map(Logger.jsonLogger, (line) => void lines.push(line))
      yield* all.pipe(
        Effect.provide(FakeHttpClient.layerFastGet(FakeHttpClient.echoPath, { logLevel: "Info" })),
        Effect.provide(Logger.replace(Logger.defaultLogger, json))
      )
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { message: "FastGet run starts", annotations: { run: 0, numWorkers: 1 } },
        { message: "FastGet run ends", annotations: { run: 0, outcomes: 25, failures: 0 } }
      ])
    }))

  it.effect("is, where the original's is asked for, lines with the parameters, the count, and the totals", () =>
    Effect.gen(function*() {
      const records = yield* logOf(all, { ...original, inputChunkSize: 10, queueMaxSize: 10 })
      expect(messages(records)).toEqual([
        "Start processing requests with FastGet parameters:",
        "  numWorkers: 1",
        "  queueMaxSize: 10",
        "  inputChunkSize: 10",
        "  poolSubmitSize: 1000",
        "Requests processed: 10",
        "Requests processed: 20",
        "All requests processed:",
        "  Total requests: 25",
        "  Failures: 1",
        expect.stringMatching(/^ {2}Total time \(s\): \d+\.\d\d$/),
        expect.stringMatching(/^ {2}Requests\/s: \d+\.\d\d$/)
      ])
      expect(new Set(records.map(({ level }) => level))).toEqual(new Set(["Info"]))
      expect(records[0]?.annotations).toEqual({})
    }))

  it.effect("is at the level of logLevel, the stream's own before the layer's", () =>
    Effect.gen(function*() {
      const levels = (records: ReadonlyArray<Record>) => [...new Set(records.map(({ level }) => level))]
      expect(levels(yield* logOf(all, { logLevel: LogLevel.Info }))).toEqual(["Info"])
      const own = Stream.runDrain(FastGet.streamEither(entries(25), { logLevel: "Warning" }))
      expect(levels(yield* logOf(own, { logLevel: LogLevel.Debug }))).toEqual(["Warning"])
    }))

  it.effect("is empty with LogLevel.None", () =>
    Effect.gen(function*() {
      expect(yield* logOf(all, { logLevel: LogLevel.None })).toEqual([])
      expect(yield* logOf(all, { ...original, logLevel: "None" })).toEqual([])
    }))

  it.effect("is not written by get", () =>
    Effect.gen(function*() {
      expect(yield* logOf(FastGet.get("http://a.example/1"), { logLevel: "Info" })).toEqual([])
    }))

  it.effect("tells each count once, however the outcomes come", () =>
    Effect.gen(function*() {
      const lines = messages(yield* logOf(all, { ...original, inputChunkSize: 1 }))
      const counts = lines.filter((line) => line.startsWith("Requests processed"))
      expect(new Set(counts).size).toBe(counts.length)
      expect(counts.at(-1)).toBe("Requests processed: 25")
    }))

  it.effect("ends with the totals when the stream fails", () =>
    Effect.gen(function*() {
      const failing = Effect.either(Stream.runDrain(FastGet.stream(entries(25))))
      const records = yield* logOf(failing, { logLevel: "Info" })
      expect(records.filter(({ annotations }) => annotations["package"] === "fastget").at(-1)).toMatchObject({
        message: "FastGet run ends",
        annotations: { failures: 1 }
      })
      expect(messages(yield* logOf(failing, original))).toContain("  Failures: 1")
    }))

  it.effect("says of which run it is, tells a count that was passed by the last whole step, and what limited it", () =>
    Effect.gen(function*() {
      const said: Array<object> = []
      const logger = Logger.make(({ annotations }) => {
        said.push(Object.fromEntries(annotations))
      })
      const log = RunLog.make(7, 2, { ...FastGetConfig.defaults(2), logLevel: LogLevel.Info, inputChunkSize: 10 })
      const totals = { outcomes: 47, failures: new FailureCount(), requests: 50, bytes: 9 }
      yield* Effect.forEach([9, 10, 19, 47], log.progress).pipe(
        Effect.zipRight(log.end(totals, () => "about 10 requests/s at http://a")),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      expect(said).toMatchObject([
        { run: 7, outcomes: 10 },
        { run: 7, outcomes: 40 },
        { run: 7, outcomes: 47, requests: 50, limitedBy: "about 10 requests/s at http://a" }
      ])
    }))
})
