/**
 * An `HttpClient` that answers from a function: no sockets. The request comes
 * in; a web `Response`, or an Effect of one, goes out.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { FastGetConfig } from "fastget"
import { FastGet } from "fastget"

type Answer = Response | Effect.Effect<Response, HttpClientError.HttpClientError>

export const make = (
  answer: (request: HttpClientRequest.HttpClientRequest, url: URL) => Answer
): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const response = answer(request, url)
    return Effect.map(
      Effect.isEffect(response) ? response : Effect.succeed(response),
      (response) => HttpClientResponse.fromWeb(request, response)
    )
  })

export const json = (value: unknown, init?: ResponseInit): Response => new Response(JSON.stringify(value), init)

/** `{"path":"/7"}` for every URL. */
export const echoPath: HttpClient.HttpClient = make((_, url) => json({ path: url.pathname }))

/** FastGet over a client, in this program. It logs nothing, unless the options say so. */
export const layerFastGet = (
  client: HttpClient.HttpClient,
  options: FastGetConfig.InProcessOptions = {}
): Layer.Layer<FastGet.FastGet> =>
  Layer.provide(FastGet.layer({ logLevel: "None", ...options }), Layer.succeed(HttpClient.HttpClient, client))
