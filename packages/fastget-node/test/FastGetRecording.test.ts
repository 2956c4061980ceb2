import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet, FastGetRecording, FastGetTest, type FetchError, RecordingError } from "fastget"
import { NodeGetClient } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs/promises"
import * as Os from "node:os"
import * as Path from "node:path"

const clients = { "FastGet's own": NodeGetClient.layer(), "fetch": FetchHttpClient.layer }

/** A path in a folder of its own, of which the scope ends. */
const aFile = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => Fs.mkdtemp(Path.join(Os.tmpdir(), "recording-"))),
    (folder) => Effect.promise(() => Fs.rm(folder, { recursive: true }))
  ),
  (folder) => Path.join(folder, "tests", "a.ndjson")
)

const filesBeside = (file: string) => Effect.promise(() => Fs.readdir(Path.dirname(file)))

const recorded = (
  recording: FastGetRecording.RecordingOptions,
  client = clients["FastGet's own"],
  options: Parameters<typeof FastGetRecording.layer>[1] = {}
) =>
  FastGetRecording.layer(recording, { retry: { times: 1, base: "1 millis", cap: "1 millis" }, ...options }).pipe(
    Layer.provide([client, NodeFileSystem.layer])
  )

const withEnvironment = (variables: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

/** What the entries of a program came to, in their order. */
const outcomes = (urls: ReadonlyArray<string>) =>
  Effect.map(
    Stream.runCollect(FastGet.outcomes(urls.map((url, n) => [n, url] as const), { as: "bytes", withHeaders: true })),
    (all) =>
      Chunk.toArray(all)
        .sort((a, b) => a.id - b.id)
        .map(({ attempts, headers, result, status }) => ({
          attempts,
          status,
          page: headers["x-page"],
          result: Either.match(result, {
            onLeft: (error: FetchError.FetchError<number>) => error.reason,
            onRight: (bytes) => Buffer.from(bytes).toString("latin1")
          })
        }))
  )

/** Each path behaves differently. */
const behaviours = (): LoopbackServer.Handler => {
  let asked = 0
  return (request, response) => {
    switch (request.url?.split("?")[0]) {
      case "/json":
        return void response.writeHead(200, { "x-page": "1", "set-cookie": "s3cr3t=1" }).end("{\"a\":1}")
      case "/bytes":
        return void response.writeHead(200).end(Buffer.from([255, 254]))
      case "/none":
        return void response.writeHead(204).end()
      case "/lost":
        return void response.writeHead(404).end("no such thing")
      case "/moved":
        return void response.writeHead(302, { location: "/json" }).end()
      case "/reset":
        return void request.socket.destroy()
      case "/limited":
        return void (++asked % 2 === 1
          ? response.writeHead(429, { "retry-after": "0" }).end()
          : response.writeHead(200).end("{}"))
      case "/changes":
        return void response.writeHead(200).end(String(++asked))
      default:
        return LoopbackServer.echoPath(request, response)
    }
  }
}

describe.each(Object.entries(clients))("a recording over the client %s", (_, client) => {
  it.scopedLive("plays what was recorded, failures included, when the server is gone", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const paths = ["/json", "/bytes", "/none", "/lost", "/moved", "/reset", "/json?again=1"]
      const [urls, first] = yield* Effect.scoped(Effect.gen(function*() {
        const { url } = yield* LoopbackServer.make(behaviours())
        const urls = paths.map((path) => `${url}${path}`)
        return [urls, yield* Effect.provide(outcomes(urls), recorded({ file, mode: "record" }, client))] as const
      }))
      expect(first.map(({ result }) => typeof result === "string" ? result : result._tag)).toEqual(
        [
          "{\"a\":1}",
          "\u00ff\u00fe",
          "",
          "Status",
          "{\"a\":1}",
          "Reset",
          "{\"a\":1}"
        ]
      )
      expect(first[0]).toMatchObject({ status: 200, page: "1", attempts: 1 })
      expect(first[5]).toMatchObject({ attempts: 2 })
      const again = yield* Effect.provide(outcomes(urls), recorded({ file, mode: "replay" }, client))
      expect(again).toEqual(first)
      const text = yield* Effect.promise(() => Fs.readFile(file, "utf8"))
      expect(text).not.toContain("s3cr3t")
      expect(yield* filesBeside(file)).toEqual(["a.ndjson"])
    }))
})

describe("FastGetRecording", () => {
  it.scopedLive("records where there is no file, and plays where there is one, unless CI says that it may not", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { requests, url } = yield* LoopbackServer.make()
      const get = Effect.provide(FastGet.get(`${url}/7`), recorded({ file }))
      const error = yield* Effect.flip(withEnvironment({ CI: "true" })(get))
      expect(RecordingError.isRecordingError(error) && error.message).toContain("in CI none is made")
      expect(requests()).toBe(0)
      const local = withEnvironment({})
      expect(yield* local(get)).toEqual({ path: "/7" })
      expect(yield* local(get)).toEqual({ path: "/7" })
      expect(yield* withEnvironment({ CI: "1" })(get)).toEqual({ path: "/7" })
      expect(requests()).toBe(1)
      const replay = Effect.provide(FastGet.get(`${url}/7`), recorded({ file: `${file}.none`, mode: "replay" }))
      expect((yield* Effect.flip(local(replay))).message).toContain("There is no recording")
    }))

  it.scopedLive("plays the answers of a URL in their order, and fails for a URL that it has not", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make(behaviours())
      const three = Effect.replicateEffect(FastGet.get(`${url}/changes`), 3)
      yield* Effect.provide(three, recorded({ file, mode: "record" }))
      const played = Effect.gen(function*() {
        expect(yield* Effect.replicateEffect(FastGet.get(`${url}/changes#x`), 4)).toEqual([1, 2, 3, 3])
        const error = yield* Effect.flip(FastGet.get(`${url}/change?token=s3cr3t`))
        expect(FastGetTest.isUnanswered(error)).toBe(true)
        expect(error.message).not.toContain("s3cr3t")
        expect((yield* FastGetTest.requests).length).toBe(5)
      })
      yield* Effect.provide(played, recorded({ file, mode: "replay" }))
    }))

  it.scopedLive("takes out of the file what it is told to, and finds the answers all the same", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make()
      const redact = {
        url: (url: string) => url.replace(/token=\w+/, "token=x"),
        body: (body: string) => body.replace(/token=\w+/, "token=x")
      }
      const get = (token: string, mode: FastGetRecording.Mode) =>
        Effect.provide(FastGet.get(`${url}/1?token=${token}`), recorded({ file, mode, redact }))
      const seen = { path: "/1?token=x" }
      expect([yield* get("s3cr3t", "record"), yield* get("other", "replay")]).toEqual([seen, seen])
      expect(yield* Effect.promise(() => Fs.readFile(file, "utf8"))).not.toContain("s3cr3t")
    }))

  it.scopedLive("has no answer for what ran into a time-out, so that it does again", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make(() => undefined)
      const get = (mode: FastGetRecording.Mode) =>
        Effect.flip(FastGet.get(`${url}/1`)).pipe(
          Effect.provide(recorded({ file, mode }, undefined, { timeout: "200 millis", retry: { times: 0 } }))
        )
      const errors = [yield* get("record"), yield* get("replay")]
      expect(errors.map((error) => error._tag === "FetchError" && error.reason._tag)).toEqual(["Timeout", "Timeout"])
    }))

  it.scopedLive("follows a redirect where it leads, and writes it without its secrets", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make((request, response) =>
        request.url === "/moved"
          ? void response.writeHead(302, { location: "/7?token=s3cr3t" }).end()
          : LoopbackServer.echoPath(request, response)
      )
      const redact = {
        url: (url: string) => url.replace(/token=\w+/, "token=x"),
        body: (body: string) => body.replace("s3cr3t", "x")
      }
      const get = (mode: FastGetRecording.Mode) =>
        Effect.provide(FastGet.get(`${url}/moved`), recorded({ file, mode, redact }))
      expect([yield* get("record"), yield* get("replay")]).toEqual([{ path: "/7?token=x" }, { path: "/7?token=x" }])
      expect(yield* Effect.promise(() => Fs.readFile(file, "utf8"))).not.toContain("s3cr3t")
    }))

  it.scopedLive("writes nothing of a body whose redaction throws, and fails", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make((_, response) => void response.writeHead(200).end("<s3cr3t>"))
      const redact = { body: (body: string): string => JSON.stringify(JSON.parse(body)) }
      const get = Effect.flip(FastGet.get(`${url}/1`)).pipe(
        Effect.provide(recorded({ file, mode: "record", redact }, undefined, { retry: { times: 0 } }))
      )
      expect((yield* get).message).toContain("redact.body threw an error")
      const text = yield* Effect.promise(() => Fs.readFile(file, "utf8"))
      expect(text).not.toContain("s3cr3t")
      expect(text).not.toContain(Buffer.from("<s3cr3t>").toString("base64"))
    }))

  it.scopedLive("keeps no refusal for the rate that was asked again, so that no test waits for it", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { requests, url } = yield* LoopbackServer.make(behaviours())
      yield* Effect.provide(FastGet.get(`${url}/limited`), recorded({ file, mode: "record" }))
      expect(requests()).toBe(2)
      const text = yield* Effect.promise(() => Fs.readFile(file, "utf8"))
      expect(text.trim().split("\n").slice(1).map((line) => JSON.parse(line).status)).toEqual([200])
    }))

  it.scopedLive("writes nothing where the program failed, and leaves an older file as it was", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      const { url } = yield* LoopbackServer.make(behaviours())
      yield* Effect.provide(FastGet.get(`${url}/json`), recorded({ file, mode: "record" }))
      const before = yield* Effect.promise(() => Fs.readFile(file, "utf8"))
      yield* Effect.flip(Effect.provide(FastGet.get(`${url}/lost`), recorded({ file, mode: "record" })))
      expect(yield* Effect.promise(() => Fs.readFile(file, "utf8"))).toBe(before)
      expect(yield* filesBeside(file)).toEqual(["a.ndjson"])
    }))

  it.scopedLive("names the line of a damaged file, and a folder that can't be made", () =>
    Effect.gen(function*() {
      const file = yield* aFile
      yield* Effect.promise(() => Fs.mkdir(Path.dirname(file)))
      yield* Effect.promise(() => Fs.writeFile(file, "{\"recording\":\"fastget\",\"version\":1}\n{\n"))
      const damaged = yield* Effect.flip(Effect.provide(FastGet.get("http://a/"), recorded({ file })))
      expect(damaged).toMatchObject({ _tag: "RecordingError", reason: { _tag: "Damaged", line: 2 } })
      const below = recorded({ file: Path.join(file, "below", "b.ndjson"), mode: "record" })
      const unwritable = yield* Effect.flip(Effect.provide(FastGet.get("http://a/"), below))
      expect(unwritable).toMatchObject({ _tag: "RecordingError", reason: { _tag: "Write" } })
    }))

  it.effect.each<readonly [given: object, message: string]>([
    [{}, "The option file can't be \"\": it takes the path of a file"],
    [{ file: "a", mode: "play" }, "The option mode can't be \"play\": it takes \"auto\", \"record\" or \"replay\""],
    [
      { file: "a", redcat: {} },
      "The option redcat can't be given here: there is no such option; perhaps redact was meant"
    ],
    [{ file: "a", redact: { headers: "x" } }, "The option redact.headers can't be \"x\": it takes a list of names"],
    [{ file: "a", redact: { uri: 1 } }, "The option redact.uri can't be given here: there is no such option"]
  ])("refuses %j by name", ([given, message]) =>
    Effect.gen(function*() {
      const layer = recorded(given as FastGetRecording.RecordingOptions)
      const exit = yield* Effect.exit(Effect.provide(FastGet.get("http://a/"), layer))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(`InvalidOption: ${message}`)
    }))
})
