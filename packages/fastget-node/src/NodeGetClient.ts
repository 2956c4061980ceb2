/**
 * FastGet's own `HttpClient` for Node: GET only, over undici's `dispatch`. It
 * reads an answer whole before it gives it, within limits of time and size that
 * it keeps itself; decompresses; tries a stale kept-alive connection again;
 * caches DNS. It follows no redirects and does not retry: FastGet does. Its
 * scope owns the connections and destroys them at once.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as ConnectionControl from "fastget/platform/ConnectionControl"
import type { KeptOptions } from "fastget/platform/KeptOptions"
import { Question } from "fastget/platform/KeptOptions"
import * as QuickGet from "fastget/platform/QuickGet"
import * as Target from "fastget/platform/Target"
import { TransportFault } from "fastget/platform/TransportError"
import type { Dispatcher } from "undici"
import * as Dispatch from "./internal/client/Dispatch.js"
import type { Limits } from "./internal/client/Exchange.js"
import { Exchange } from "./internal/client/Exchange.js"
import * as GetOptions from "./internal/client/GetOptions.js"
import * as GetResponse from "./internal/client/GetResponse.js"
import * as RequestHeaders from "./internal/client/RequestHeaders.js"
import * as Sockets from "./internal/sockets/Sockets.js"

/**
 * The limits of time (milliseconds) and size (bytes), and the options of the
 * connections. A chunk of FastGet brings its own `timeout` and `maxBodyBytes`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends GetOptions.GetOptions {}

/**
 * A client. Its failures are `RequestError`s whose cause tells FastGet the
 * reason; another method than GET is one of them. An option that does not exist
 * or is out of its range is a defect, `FastGetConfig.InvalidOption`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> =>
  Effect.map(Effect.zipRight(Effect.orDie(GetOptions.check(options)), Sockets.make(options)), (sockets) => {
    const { control, dispatcher } = sockets
    const limits = GetOptions.limitsOf(options)
    const { lookup: _, ...kept } = options
    const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
      Effect.flatMap((request) => execute(dispatcher, limits, request, kept)),
      Effect.succeed
    )
    ConnectionControl.attach(client, control)
    return QuickGet.attach(
      client,
      (origin, path, headers, chunkLimits, done) =>
        new Exchange(
          dispatcher,
          Dispatch.request(origin, path, RequestHeaders.complete(headers)),
          GetOptions.within(limits, chunkLimits),
          done
        )
    )
  })

/**
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { HttpClient } from "@effect/platform"
 * import { Effect } from "effect"
 * import { NodeGetClient } from "fastget-node"
 *
 * export const program = HttpClient.get("https://api.example.com/1").pipe(
 *   Effect.flatMap((response) => response.json),
 *   Effect.provide(NodeGetClient.layer({ connections: 16 }))
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<HttpClient.HttpClient> =>
  Layer.scoped(HttpClient.HttpClient, make(options))

const urlOf = (request: HttpClientRequest.HttpClientRequest): Either.Either<string, unknown> =>
  request.urlParams.length === 0 && request.hash._tag === "None"
    ? Either.right(request.url)
    : Either.map(UrlParams.makeUrl(request.url, request.urlParams, request.hash), ({ href }) => href)

const parseUrl = Target.makeParser()

/** For a request that only asks which options this client keeps. */
const nothing: QuickGet.Answered = {
  _tag: "Answered",
  status: 204,
  body: new Uint8Array(0),
  bytes: 0,
  headers: () => ({})
}

const execute = (
  dispatcher: Dispatcher,
  limits: Limits,
  request: HttpClientRequest.HttpClientRequest,
  kept: KeptOptions
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> =>
  Effect.withFiberRuntime((fiber) => {
    const context = fiber.getFiberRef(FiberRef.currentContext)
    const question = Context.getOption(context, Question)
    if (question._tag === "Some") {
      question.value.answer(kept)
      return Effect.succeed(GetResponse.make(request, nothing))
    }
    if (request.method !== "GET") {
      return fail(request, "Transport", new Error(`${request.method} is not supported: this client is for GET`))
    }
    const url = urlOf(request)
    const parsed = Either.flatMap(url, parseUrl)
    if (parsed._tag === "Left") return fail(request, "InvalidUrl", parsed.left)
    const { authorization, origin, path } = parsed.right
    const chunkLimits = Context.getOption(context, QuickGet.ChunkLimits)
    const headers = RequestHeaders.fromRecord(request.headers, authorization)
    if (chunkLimits._tag === "Some") chunkLimits.value.kept = true
    return Effect.async((resume) => {
      const exchange = new Exchange(
        dispatcher,
        Dispatch.request(origin, path, headers),
        chunkLimits._tag === "Some" ? GetOptions.within(limits, chunkLimits.value) : limits,
        (end) =>
          resume(
            end._tag === "Failed"
              ? fail(request, "Transport", new TransportFault(end.reason, end.bytes))
              : Effect.succeed(GetResponse.make(request, end))
          )
      )
      return Effect.sync(() => exchange.cancel())
    })
  })

const fail = (request: HttpClientRequest.HttpClientRequest, reason: "Transport" | "InvalidUrl", cause: unknown) =>
  Effect.fail(new HttpClientError.RequestError({ request, reason, cause }))
