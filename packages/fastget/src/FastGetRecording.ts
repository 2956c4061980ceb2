/**
 * FastGet for tests, with the answers of a real server: they are recorded into a
 * file once, and played from it from then on, without a network. The file is kept
 * with the tests.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as FastGet from "./FastGet.js"
import type { InProcessOptions } from "./FastGetConfig.js"
import * as FastGetTest from "./FastGetTest.js"
import * as Exchange from "./internal/recording/Exchange.js"
import * as Recorder from "./internal/recording/Recorder.js"
import * as RecordingFile from "./internal/recording/RecordingFile.js"
import * as Redaction from "./internal/recording/Redaction.js"
import * as RequestLog from "./internal/recording/RequestLog.js"
import * as OptionKinds from "./platform/OptionKinds.js"
import * as OptionTable from "./platform/OptionTable.js"
import * as Parts from "./platform/Parts.js"
import { RecordingError } from "./RecordingError.js"

/**
 * - `"replay"`: answers come from the file.
 * - `"record"`: requests are made, and the file is written anew.
 * - `"auto"`: replays where the file exists, else records. Where the variable `CI`
 *   is set nothing is recorded: a file that is missing there fails.
 *
 * @since 0.1.0
 * @category models
 */
export type Mode = "auto" | "record" | "replay"

/**
 * What is taken out before anything is written. Of a request only the URL is
 * written, without its fragment and userinfo; of a response never the headers
 * that set cookies or ask who one is. `url` gets what is left and gives the form
 * that is written, and by which a request finds its answer when it is played:
 * it takes a token out of the query, say. `headers` are names of further headers
 * of responses. `body` gets a body that is text, and its URL. While a program is
 * recorded it sees what is written.
 *
 * @since 0.1.0
 * @category models
 */
export type { Redact } from "./internal/recording/Redaction.js"

/**
 * The file, how it is used (`mode`, by default `"auto"`), and what is taken out
 * of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordingOptions {
  readonly file: string
  readonly mode?: Mode
  readonly redact?: Redaction.Redact
}

/**
 * The service over a recording, and the record of what was asked (`FastGetTest.requests`).
 * The `HttpClient` and the `FileSystem` are those in context; the client is used
 * only to record. The other options are those of `FastGet.layer`, and nothing is
 * logged unless they say so. When a recording is played, a URL that is not in it
 * fails (`FastGetTest.isUnanswered`), and a URL that was asked several times has
 * its answers in their order, and the last one from then on.
 *
 * The file is written when the layer's scope closes, whole or not at all, and not
 * where that closes with a failure. A request that was given up while it was recorded
 * (for a time-out, say) is never answered when it is played. A refusal for the rate after
 * which its URL was asked again is left out, so that no test waits for it.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { NodeFileSystem } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { FastGet, FastGetRecording } from "fastget"
 *
 * const recording = FastGetRecording.layer({ file: "test/users.ndjson" }).pipe(
 *   Layer.provide([FetchHttpClient.layer, NodeFileSystem.layer])
 * )
 *
 * export const test = Effect.provide(FastGet.get("https://api.example.com/users/1"), recording)
 * ```
 */
export const layer = (
  recording: RecordingOptions,
  options: InProcessOptions = {}
): Layer.Layer<
  FastGet.FastGet | FastGetTest.Requests,
  RecordingError,
  HttpClient.HttpClient | FileSystem.FileSystem
> =>
  Layer.unwrapScoped(Effect.gen(function*() {
    yield* check(recording)
    const { file, redact = {} } = recording
    const redaction = Redaction.make(redact)
    if (yield* isReplayed(recording)) {
      const find = byUrl(yield* read(file))
      return FastGetTest.layer(({ url }) => find(redaction.url(url)), options)
    }
    const recorder = yield* record(file, redaction, options.throttle !== false)
    const { all, client } = RequestLog.make(recorder.client)
    return Layer.merge(
      Layer.provide(
        FastGet.layer({ logLevel: "None", ...options }),
        Layer.succeed(HttpClient.HttpClient, client)
      ),
      Layer.succeed(FastGetTest.Requests, { all })
    )
  }))

const modes: ReadonlyArray<unknown> = ["auto", "record", "replay"]

const kinds: OptionKinds.OptionKinds = {
  file: ["the path of a file", (value) => typeof value === "string" && value !== ""],
  mode: ["\"auto\", \"record\" or \"replay\"", (value) => modes.includes(value)],
  redact: ["an object with url, headers, body", Parts.isObject]
}

const redactKinds: OptionKinds.OptionKinds = {
  url: OptionKinds.aFunction,
  headers: OptionKinds.names,
  body: OptionKinds.aFunction
}

/** What can't be is a defect of the program. */
const check = (recording: RecordingOptions): Effect.Effect<void> =>
  Effect.gen(function*() {
    yield* OptionTable.onlyKnown(recording, Object.keys(kinds))
    const wrong = OptionKinds.wrong(kinds, { ...recording, file: recording.file ?? "" })
    if (wrong !== undefined) return yield* wrong
    const { redact = {} } = recording
    yield* OptionTable.onlyKnown(redact, Object.keys(redactKinds), "redact.")
    const wrongRedact = OptionKinds.wrong(redactKinds, redact, "redact.")
    if (wrongRedact !== undefined) return yield* wrongRedact
  }).pipe(Effect.orDie)

const isReplayed = (
  { file, mode = "auto" }: RecordingOptions
): Effect.Effect<boolean, RecordingError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    if (mode === "record") return false
    const fs = yield* FileSystem.FileSystem
    const exists = yield* Effect.mapError(fs.exists(file), failed(file, "Read"))
    if (exists) return true
    const inCi = yield* isCi
    if (mode === "replay" || inCi) return yield* new RecordingError({ file, reason: { _tag: "Missing", inCi } })
    return false
  })

/** Services that run tests set `CI`. */
const isCi: Effect.Effect<boolean> = Config.string("CI").pipe(
  Effect.map((value) => !["", "0", "false"].includes(value.toLowerCase())),
  Effect.orElseSucceed(() => false)
)

const read = (file: string): Effect.Effect<ReadonlyArray<Exchange.Exchange>, RecordingError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const text = yield* Effect.mapError(fs.readFileString(file), failed(file, "Read"))
    return yield* Either.mapLeft(RecordingFile.parse(text), (reason) => new RecordingError({ file, reason }))
  })

/** The answers of a recording. */
const byUrl = (exchanges: ReadonlyArray<Exchange.Exchange>): (url: string) => FastGetTest.Answer | undefined => {
  const lists = new Map<string, [FastGetTest.Answer, ...Array<FastGetTest.Answer>]>()
  for (const exchange of exchanges) {
    const list = lists.get(exchange.url)
    if (list === undefined) lists.set(exchange.url, [answerOf(exchange)])
    else list.push(answerOf(exchange))
  }
  const answers = new Map([...lists].map(([url, list]) => [url, FastGetTest.sequence(...list)]))
  return (url) => answers.get(url)
}

const answerOf = (exchange: Exchange.Exchange): FastGetTest.Answer => {
  if ("failure" in exchange) return FastGetTest.failure(exchange.failure)
  if ("givenUp" in exchange) return FastGetTest.never
  return FastGetTest.body(Exchange.bodyOf(exchange), exchange)
}

const record = (
  file: string,
  redaction: Redaction.Redaction,
  isThrottled: boolean
): Effect.Effect<Recorder.Recorder, RecordingError, FileSystem.FileSystem | HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const recorder = Recorder.make(yield* HttpClient.HttpClient, redaction)
    // A folder that can't be made is told before anything is asked.
    const folder = /^(.*)[\\/][^\\/]*$/.exec(file)?.[1]
    if (folder !== undefined && folder !== "") {
      yield* Effect.mapError(fs.makeDirectory(folder, { recursive: true }), failed(file, "Write"))
    }
    const write = Effect.gen(function*() {
      const exchanges = recorder.exchanges()
      const kept = isThrottled ? withoutRefusals(exchanges) : exchanges
      const part = `${file}.${yield* Random.nextIntBetween(0, 2 ** 31)}.part`
      yield* Effect.onError(
        Effect.zipRight(fs.writeFileString(part, RecordingFile.print(kept)), fs.rename(part, file)),
        () => Effect.ignore(fs.remove(part))
      )
    }).pipe(Effect.mapError(failed(file, "Write")), Effect.orDie)
    yield* Effect.addFinalizer((exit) =>
      Exit.isSuccess(exit)
        ? write
        : Effect.logWarning(`The recording ${file} is not written, because what was recorded failed`)
    )
    return recorder
  })

/** Without the refusals after which their URL was asked again. */
const withoutRefusals = (exchanges: ReadonlyArray<Exchange.Exchange>): ReadonlyArray<Exchange.Exchange> => {
  const last = new Map(exchanges.map((exchange) => [exchange.url, exchange]))
  return exchanges.filter((exchange) => !Exchange.isRefusal(exchange) || last.get(exchange.url) === exchange)
}

const failed = (file: string, _tag: "Read" | "Write") => (error: Error): RecordingError =>
  new RecordingError({ file, reason: { _tag, detail: error.message } })
