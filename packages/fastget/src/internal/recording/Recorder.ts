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
            note.exchange = Exit.isSuccess(exit) ? exit.value.written : { url: note.url, givenUp: true }
          })
        ),
        Effect.flatMap((seen) => answer(request, seen))
      )
    }),
    exchanges: () => noted.map(({ exchange, url }) => exchange ?? { url, givenUp: true })
  }
}

/** What is written, and where a redirect really leads: the server that is recorded has to be asked for that. */
interface Seen {
  readonly written: Exchange.Exchange
  readonly location: string | undefined
}

/** Asks, and reads the answer as far as its chunk's limit on bodies allows. */
const exchangeOf = (
  inner: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  target: URL,
  redaction: Redaction
): Effect.Effect<Seen> => {
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
    if (!Exchange.isKept(status)) {
      const failure = { _tag: "Transport" as const, detail: `an answer with the status ${status} can't be recorded` }
      return { written: { url, failure }, location: undefined }
    }
    const written = {
      url,
      status,
      headers: redaction.headers(headers, isRead, target),
      ...textOf(bytes, (text) => redaction.body(text, target))
    }
    return { written, location: headers["location"] }
  }).pipe(
    Effect.catchAllCause((cause) => {
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      const failure = TransportError.toReason(Cause.squash(cause), { url: new URL(target.origin) })
      return Effect.succeed<Seen>({ written: { url, failure }, location: undefined })
    })
  )
}

/** Where a redaction throws, the request fails, and nothing of the body is written. */
const textOf = (
  bytes: Uint8Array,
  redact: (text: string) => string
): { readonly body: string; readonly encoding?: "base64" } => {
  const text = decoded(bytes)
  return text === undefined
    ? { body: Encoding.encodeBase64(bytes), encoding: "base64" }
    : { body: redacted(text, redact) }
}

const redacted = (text: string, redact: (text: string) => string): string => {
  try {
    return redact(text)
  } catch {
    // Its message may repeat what was to be taken out.
    throw new Error("redact.body threw an error")
  }
}

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const answer = (
  request: HttpClientRequest.HttpClientRequest,
  { location, written }: Seen
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  if ("failure" in written) return MadeResponse.fail(request, written.failure)
  if ("givenUp" in written) return Effect.never
  const headers = location === undefined ? written.headers : { ...written.headers, location }
  return MadeResponse.make(request, { status: written.status, headers, body: Exchange.bodyOf(written) })
}
