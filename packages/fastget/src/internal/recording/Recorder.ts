/**
 * An `HttpClient` that notes what each of its requests is answered, and answers
 * with what it noted: a program sees the same while it is recorded as when the
 * recording is played.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Exit from "effect/Exit"
import * as FastGetConfig from "../../FastGetConfig.js"
import * as QuickGet from "../../platform/QuickGet.js"
import * as TransportError from "../../platform/TransportError.js"
import * as ResponseBody from "../http/ResponseBody.js"
import * as Exchange from "./Exchange.js"
import * as MadeResponse from "./MadeResponse.js"
import type { Redaction } from "./Redaction.js"

/** A request, and what became of it as soon as that is known. */
interface Noted {
  readonly url: string
  exchange: Exchange.Exchange | undefined
}

export interface Recorder {
  readonly client: HttpClient.HttpClient
  /** What there is so far, in the order in which the requests were made. */
  readonly exchanges: () => ReadonlyArray<Exchange.Exchange>
}

export const make = (inner: HttpClient.HttpClient, redaction: Redaction): Recorder => {
  const noted: Array<Noted> = []
  return {
    client: HttpClient.make((request, url) => {
      const note: Noted = { url: redaction.url(url), exchange: undefined }
      noted.push(note)
      return exchangeOf(inner, request, url, redaction).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            note.exchange = Exit.isSuccess(exit) ? exit.value : { url: note.url, givenUp: true }
          })
        ),
        Effect.flatMap((exchange) => answer(request, exchange))
      )
    }),
    exchanges: () => noted.map(({ exchange, url }) => exchange ?? { url, givenUp: true })
  }
}

/** Asks, and reads the answer as far as its chunk's limit on bodies allows. */
const exchangeOf = (
  inner: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  target: URL,
  redaction: Redaction
): Effect.Effect<Exchange.Exchange> => {
  const url = redaction.url(target)
  return Effect.gen(function*() {
    const limits = yield* Effect.serviceOption(QuickGet.ChunkLimits)
    const limit = limits._tag === "Some" ? limits.value.maxBodyBytes : FastGetConfig.fields.maxBodyBytes.default
    const response = yield* inner.execute(request)
    const { headers, status } = response
    const announced = Number(headers["content-length"] ?? 0)
    const isRead = announced <= limit
    if (!isRead) yield* ResponseBody.discard(response)
    const bytes = isRead ? yield* ResponseBody.collect(response, limit) : new Uint8Array()
    return {
      url,
      status,
      headers: redaction.headers(headers, isRead),
      ...textOf(bytes, (text) => redaction.body(text, target))
    }
  }).pipe(
    Effect.catchAllCause((cause) => {
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      const failure = TransportError.toReason(Cause.squash(cause), { url: new URL(target.origin) })
      return Effect.succeed<Exchange.Exchange>({ url, failure })
    })
  )
}

const textOf = (
  bytes: Uint8Array,
  redact: (text: string) => string
): { readonly body: string; readonly encoding?: "base64" } => {
  try {
    return { body: redact(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) }
  } catch {
    return { body: Encoding.encodeBase64(bytes), encoding: "base64" }
  }
}

const answer = (
  request: HttpClientRequest.HttpClientRequest,
  exchange: Exchange.Exchange
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  if ("failure" in exchange) return MadeResponse.fail(request, exchange.failure)
  if ("givenUp" in exchange) return Effect.never
  return MadeResponse.make(request, { ...exchange, body: Exchange.bodyOf(exchange) })
}
