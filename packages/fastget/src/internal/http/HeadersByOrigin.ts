/**
 * The caller's headers as they go to an origin: those that are told the trace of
 * the run get one more. There are two records of them at most, each made once,
 * so that what is made of a record can be kept with it.
 */
import * as OriginPattern from "../base/OriginPattern.js"
import * as Url from "../base/Url.js"
import type { GetSettings } from "../wire/Chunk.js"

type Headers = GetSettings["headers"]

export const make = ({ headers, trace }: Pick<GetSettings, "headers" | "trace">): (origin: string) => Headers => {
  if (trace === undefined || Object.keys(headers).some((name) => name.toLowerCase() === "traceparent")) {
    return () => headers
  }
  const traced: Headers = { ...headers, traceparent: trace.traceparent }
  const byOrigin = new Map<string, Headers>()
  return (origin) => {
    let known = byOrigin.get(origin)
    if (known === undefined) {
      const hostname = Url.parse(origin)?.hostname ?? ""
      known = trace.origins.some((pattern) => OriginPattern.matches(pattern, origin, hostname)) ? traced : headers
      byOrigin.set(origin, known)
    }
    return known
  }
}
