/**
 * What a response means: a redirect to follow, a refusal, a body, or a body
 * that can't be taken, because of how it is coded or how large it is.
 */
import * as Either from "effect/Either"
import * as BodyCoding from "../../platform/BodyCoding.js"
import type * as QuickGet from "../../platform/QuickGet.js"
import type { Target } from "../../platform/Target.js"
import * as Redirects from "./Redirects.js"
import * as Refusal from "./Refusal.js"
import type { RequestResult } from "./RequestResult.js"
import { failed } from "./RequestResult.js"

/** A response whose body was read, to its end or as far as its limit allows. */
export interface ReadResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Of the body, as it came over the wire. */
  readonly bytes: number
}

/** What a response means. `locations` splits a header `Location` into its lines. */
export const ofResponse = (
  target: Target,
  { body, bytes, headers, status }: ReadResponse,
  maxBodyBytes: number,
  locations: (header: string) => ReadonlyArray<string> = Redirects.locations
): RequestResult => {
  const location = headers["location"]
  if (Redirects.statuses.has(status) && location !== undefined) return { location: locations(location) }
  const response = { url: target.origin + target.path, status, headers, bytes }
  if (Refusal.isRefusal(status)) {
    return { ...response, result: Either.left(Refusal.toReason(status, headers, body, new Date().getTime())) }
  }
  const transfer = headers["transfer-encoding"]
  if (transfer !== undefined && !BodyCoding.isPlainTransfer(transfer)) {
    return { ...response, result: Either.left({ _tag: "Protocol", detail: BodyCoding.refusedTransfer(transfer) }) }
  }
  return {
    ...response,
    coding: BodyCoding.unknownContentCoding(headers["content-encoding"]),
    result: bytes > maxBodyBytes || body.length > maxBodyBytes
      ? Either.left({ _tag: "TooLarge", limit: maxBodyBytes, of: bytes > maxBodyBytes ? "wire" : "decoded" } as const)
      : Either.right(body)
  }
}

/** What the end of a quick request means. */
export const ofQuickGet = (
  target: Target,
  end: QuickGet.Answered | QuickGet.Failed,
  maxBodyBytes: number
): RequestResult =>
  end._tag === "Failed"
    ? failed(target, end.reason, end.bytes)
    : ofResponse(
      target,
      { status: end.status, headers: end.headers(), body: end.body, bytes: end.bytes },
      maxBodyBytes
    )

/** A body whose announced length is beyond the limit, so that none of it is read. */
export const tooLarge = (
  target: Target,
  { headers, status }: Pick<ReadResponse, "headers" | "status">,
  maxBodyBytes: number
): RequestResult => ({
  url: target.origin + target.path,
  status,
  headers,
  bytes: 0,
  result: Either.left({ _tag: "TooLarge", limit: maxBodyBytes, of: "wire" })
})
