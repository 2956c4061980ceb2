/**
 * A response whose body is here already. Made for every request on the general
 * path, so it is as light as its interface allows.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as FieldLines from "fastget/platform/FieldLines"
import * as QuickGet from "fastget/platform/QuickGet"

/**
 * The response of a request, made of its answer.
 */
export const make = (
  request: HttpClientRequest.HttpClientRequest,
  answer: QuickGet.Answered
): HttpClientResponse.HttpClientResponse => QuickGet.withWholeBody(new GetResponse(request, answer), answer)

class GetResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  private readHeaders: Headers.Headers | undefined

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    private readonly answer: QuickGet.Answered
  ) {
    super()
  }

  get status(): number {
    return this.answer.status
  }

  get headers(): Headers.Headers {
    return this.readHeaders ??= Headers.unsafeFromRecord(this.answer.headers())
  }

  get cookies(): Cookies.Cookies {
    const header = this.headers["set-cookie"]
    return header === undefined ? Cookies.empty : Cookies.fromSetCookie(FieldLines.split(header))
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get stream(): Stream.Stream<Uint8Array> {
    return Stream.succeed(this.answer.body)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer> {
    // Not slice: that of a Buffer is a view of a larger one.
    return Effect.sync(() => new Uint8Array(this.answer.body).buffer)
  }

  get text(): Effect.Effect<string> {
    return Effect.sync(() => new TextDecoder().decode(this.answer.body))
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return this.decoded(this.text, (text) => text === "" ? null : JSON.parse(text) as unknown)
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return this.decoded(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    const headers = { "content-type": this.headers["content-type"] ?? "" }
    return Effect.tryPromise({
      try: () => new Response(this.answer.body as Uint8Array<ArrayBuffer>, { headers }).formData(),
      catch: (cause) => this.decodeError(cause)
    })
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }

  private decoded<A, B>(from: Effect.Effect<A>, f: (a: A) => B): Effect.Effect<B, HttpClientError.ResponseError> {
    return Effect.tryMap(from, { try: f, catch: (cause) => this.decodeError(cause) })
  }

  private decodeError(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }
}
