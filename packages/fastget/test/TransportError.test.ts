import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import type { FetchError } from "fastget"
import * as TransportError from "fastget/platform/TransportError"
import * as TransportRows from "./TransportRows.js"

const { host, maxHeaderBytes, port } = TransportRows
const url = new URL(`https://${host}:${port}/x`)

const toReason = (error: unknown) => TransportError.toReason(error, { url, maxHeaderBytes })

const errorOf = (fields: TransportRows.Row["error"]) => Object.assign(new Error("it failed"), fields)

/** As an `HttpClient` fails. */
const failed = (cause: unknown) =>
  new HttpClientError.RequestError({ request: HttpClientRequest.get(url), reason: "Transport", cause })

const refused = errorOf({ code: "ECONNREFUSED" })
const refusal: FetchError.Reason = { _tag: "Connect", address: host, code: "ECONNREFUSED" }

describe("the reason of a failure", () => {
  it.each(TransportRows.all)("$error is $reason", ({ error, reason }) => {
    expect(toReason(errorOf(error))).toEqual(reason)
    expect(toReason(failed(errorOf(error)))).toEqual(reason)
  })

  it("is that of a fault which knows it, with the bytes that came before", () => {
    const reason: FetchError.Reason = { _tag: "Blocked", address: "127.0.0.1", rule: "private" }
    const fault = new TransportError.TransportFault(reason, 9)
    expect(fault.message).toBe("The address 127.0.0.1 is blocked by the rule private")
    for (const error of [fault, failed(fault)]) {
      expect([toReason(error), TransportError.bytesOf(error)]).toEqual([reason, 9])
    }
    expect(TransportError.bytesOf(failed(refused))).toBe(0)
  })

  it("is found in the causes, the outermost that is known first, and of several tries in the last", () => {
    expect(toReason(new TypeError("fetch failed", { cause: refused }))).toEqual(refusal)
    expect(toReason(Object.assign(new Error("closed", { cause: refused }), { code: "EPIPE" })))
      .toMatchObject({ _tag: "Reset" })
    expect(toReason(new AggregateError([errorOf({ code: "ENETUNREACH" }), refused]))).toEqual(refusal)
    const turning = new Error("round and round")
    turning.cause = turning
    expect(toReason(turning)).toEqual({ _tag: "Transport", detail: "round and round" })
  })

  it("tells no limit of the headers where the client has told none", () => {
    expect(TransportError.toReason(errorOf({ code: "HPE_HEADER_OVERFLOW" }), { url }))
      .toEqual({ _tag: "TooLarge", of: "headers" })
  })

  it("is Transport where nothing is known, with what the innermost error says, short and without secrets", () => {
    const detailOf = (error: unknown) => {
      const reason = toReason(error)
      return reason._tag === "Transport" ? reason.detail : reason
    }
    expect(detailOf(new Error("outer", { cause: new Error("inner") }))).toBe("inner")
    expect(detailOf("a text")).toBe("a text")
    expect(detailOf({ code: "EWHAT" })).toBe("EWHAT")
    expect(detailOf(new Error("no http://u:s3cr3t@a.example/?key=s3cr3t"))).not.toContain("s3cr3t")
    expect(detailOf(new Error("x".repeat(1000)))).toBe("x".repeat(200))
  })
})
