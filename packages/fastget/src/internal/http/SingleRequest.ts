/**
 * One request through an `HttpClient`: its response is read to the end, or as
 * far as its limits allow. It never fails: what goes wrong is its result.
 */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as QuickGet from "../../platform/QuickGet.js"
import type { Target } from "../../platform/Target.js"
import * as TransportError from "../../platform/TransportError.js"
import type { GetSettings } from "../wire/Chunk.js"
import type { ChunkContext } from "./ChunkContext.js"
import * as Redirects from "./Redirects.js"
import * as Refusal from "./Refusal.js"
import * as RequestHeaders from "./RequestHeaders.js"
import type { RequestResult } from "./RequestResult.js"
import { failed } from "./RequestResult.js"
import * as ResponseBody from "./ResponseBody.js"
import * as ResponseMeaning from "./ResponseMeaning.js"

/**
 * Sends a GET. Its caller holds a permit for a connection, and limits the time
 * where the client does not. Interruption closes the connection.
 */
export const send = (
  { client, settings: { maxBodyBytes } }: Pick<ChunkContext, "client" | "settings">,
  target: Target,
  callerHeaders: GetSettings["headers"]
): Effect.Effect<RequestResult> =>
  client.execute(RequestHeaders.toRequest(target, callerHeaders)).pipe(
    Effect.flatMap((response) => read(target, response, maxBodyBytes)),
    // A client's defect is its entry's failure too: it must not take the chunk with it.
    Effect.catchAllCause((cause) => {
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      const error = Cause.squash(cause)
      const reason = TransportError.toReason(error, { url: new URL(target.origin) })
      return Effect.succeed(failed(target, reason, TransportError.bytesOf(error)))
    })
  )

const read = (
  target: Target,
  response: HttpClientResponse.HttpClientResponse,
  maxBodyBytes: number
): Effect.Effect<RequestResult, unknown> => {
  const { headers, status } = response
  const whole = QuickGet.wholeBodyOf(response)
  if (whole !== undefined) {
    const { body, bytes } = whole
    return Effect.sync(() => ResponseMeaning.ofResponse(target, { status, headers, body, bytes }, maxBodyBytes))
  }
  const isRefusal = Refusal.isRefusal(status)
  // A 204 has no body, whatever length it announces. A length that is no number is taken for too large.
  if (!isRefusal && status !== 204 && !(Number(headers["content-length"] ?? 0) <= maxBodyBytes)) {
    return Effect.as(ResponseBody.discard(response), ResponseMeaning.tooLarge(target, response, maxBodyBytes))
  }
  return Effect.map(ResponseBody.collect(response, isRefusal ? Refusal.mostBytes : maxBodyBytes), (body) => {
    const read = { status, headers, body, bytes: body.length }
    return ResponseMeaning.ofResponse(target, read, maxBodyBytes, Redirects.joinedLocations)
  })
}
