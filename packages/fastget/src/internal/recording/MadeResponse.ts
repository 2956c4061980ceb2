/** Responses that come from no server: for an `HttpClient` that answers by itself. */
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as TransportError from "../../platform/TransportError.js"
import type { Reason } from "../../Reason.js"

export interface Made {
  readonly body: string | Uint8Array
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Statuses that a `Response` can have with no body at all. */
const withoutBody = new Set([204, 205, 304])

export const make = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, status }: Made
): Effect.Effect<HttpClientResponse.HttpClientResponse> =>
  Effect.sync(() => {
    // Bytes also of a text, which would be given a content type of its own; copied, because the body is handed out, and
    // the next answer needs it, too.
    const given = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body)
    const response = new Response(withoutBody.has(status) ? null : given, { status, headers: { ...headers } })
    return HttpClientResponse.fromWeb(request, response)
  })

export const fail = (
  request: HttpClientRequest.HttpClientRequest,
  reason: Reason
): Effect.Effect<never, HttpClientError.RequestError> =>
  Effect.fail(
    new HttpClientError.RequestError({
      request,
      reason: "Transport",
      cause: new TransportError.TransportFault(reason, 0)
    })
  )
