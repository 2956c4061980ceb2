/** The headers of a request: the caller's over the defaults, and the userinfo of the URL over both. */
import * as Headers from "@effect/platform/Headers"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { Target } from "../../platform/Target.js"
import type { GetSettings } from "../wire/Chunk.js"

type CallerHeaders = GetSettings["headers"]

export const make = (
  callerHeaders: CallerHeaders,
  authorization: string | undefined
): Readonly<Record<string, string>> => ({
  accept: "application/json, */*;q=0.8",
  "user-agent": "fastget",
  ...callerHeaders,
  ...(authorization === undefined ? undefined : { authorization })
})

/** Requests without a URL, by the caller's headers: all requests of a chunk have the same, which are made once. */
const withoutUrl = new WeakMap<CallerHeaders, HttpClientRequest.HttpClientRequest>()

const base = (
  callerHeaders: CallerHeaders,
  authorization: string | undefined
): HttpClientRequest.HttpClientRequest => {
  const known = authorization === undefined ? withoutUrl.get(callerHeaders) : undefined
  if (known !== undefined) return known
  const request = HttpClientRequest.get("", { headers: Headers.unsafeFromRecord(make(callerHeaders, authorization)) })
  if (authorization === undefined) withoutUrl.set(callerHeaders, request)
  return request
}

/** The request for a target. */
export const toRequest = (target: Target, callerHeaders: CallerHeaders): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.setUrl(base(callerHeaders, target.authorization), target.origin + target.path)
