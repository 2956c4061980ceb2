import * as RunLog from "#internal/run/RunLog"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import { FastGet, FastGetConfig } from "fastget"
import * as FakeHttpClient from "./FakeHttpClient.js"

const entries = (count: number) => Array.from({ length: count }, (_, n) => [n, `http://a.example/${n}`] as const)

/** What a program logs, and at which levels. */
const logOf = <A, E>(program: Effect.Effect<A, E, FastGet.FastGet>, options: FastGetConfig.InProcessOptions) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const levels = new Set<string>()
    const packages = new Set<unknown>()
    const logger = Logger.make(({ annotations, logLevel, message }) => {
      lines.push(String(message))
      levels.add(logLevel._tag)
      packages.add(HashMap.toEntries(annotations).find(([key]) => key === "package")?.[1])
    })
    const client = FakeHttpClient.make((_, { pathname }) =>
      pathname === "/3" ? new Response("", { status: 404 }) : FakeHttpClient.json(pathname)
    )
    yield* program.pipe(
      Effect.provide(FakeHttpClient.layerFastGet(client, options)),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Logger.withMinimumLogLevel(LogLevel.All)
    )
    return { lines, levels: [...levels], packages: [...packages] }
  })

const all = Stream.runDrain(FastGet.streamEither(entries(25)))

describe("the log of a stream", () => {
  it.effect("tells the parameters, every inputChunkSize the count, and the totals", () =>
    Effect.gen(function*() {
      const { levels, lines, packages } = yield* logOf(all, { logLevel: "Info", inputChunkSize: 10, queueMaxSize: 10 })
      expect(lines).toEqual([
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
      expect(levels).toEqual(["Info"])
      expect(packages).toEqual(["fastget"])
    }))

  it.effect("is at the level of logLevel, the stream's own before the layer's", () =>
    Effect.gen(function*() {
      expect((yield* logOf(all, { logLevel: LogLevel.Debug })).levels).toEqual(["Debug"])
      const own = Stream.runDrain(FastGet.streamEither(entries(25), { logLevel: "Warning" }))
      expect((yield* logOf(own, { logLevel: LogLevel.Debug })).levels).toEqual(["Warning"])
    }))

  it.effect("is empty with LogLevel.None", () =>
    Effect.gen(function*() {
      expect((yield* logOf(all, { logLevel: LogLevel.None })).lines).toEqual([])
      expect((yield* logOf(all, { logLevel: "None" })).lines).toEqual([])
    }))

  it.effect("is not written by get", () =>
    Effect.gen(function*() {
      expect((yield* logOf(FastGet.get("http://a.example/1"), { logLevel: "Info" })).lines).toEqual([])
    }))

  it.effect("tells each count once, however the outcomes come", () =>
    Effect.gen(function*() {
      const { lines } = yield* logOf(all, { logLevel: "Info", inputChunkSize: 1 })
      const counts = lines.filter((line) => line.startsWith("Requests processed"))
      expect(new Set(counts).size).toBe(counts.length)
      expect(counts.at(-1)).toBe("Requests processed: 25")
    }))

  it.effect("ends with the totals when the stream fails", () =>
    Effect.gen(function*() {
      const { lines } = yield* logOf(Effect.either(Stream.runDrain(FastGet.stream(entries(25)))), { logLevel: "Info" })
      expect(lines).toContain("  Failures: 1")
    }))

  it.effect("says of which run it is, and tells a count that was passed by the last whole step", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ annotations, message }) => {
        said.push(`${Object.fromEntries(annotations)["run"]} ${String(message)}`)
      })
      const log = RunLog.make(7, 2, { ...FastGetConfig.defaults(2), inputChunkSize: 10 })
      yield* Effect.forEach([9, 10, 19, 47], log.progress).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      expect(said).toEqual(["7 Requests processed: 10", "7 Requests processed: 40"])
    }))
})
