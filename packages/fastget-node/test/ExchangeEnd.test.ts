import * as ExchangeEnd from "#internal/client/ExchangeEnd"
import { describe, expect, it } from "@effect/vitest"
import * as Zlib from "node:zlib"

const progress = (
  headers: Record<string, string> = {},
  changed: Partial<ExchangeEnd.Progress> = {}
): ExchangeEnd.Progress => ({
  hasBegun: true,
  status: 200,
  rawHeaders: Object.entries(headers).flat().map((text) => Buffer.from(text)),
  bytes: 3,
  ...changed
})

const reasonOf = (error: Error, of: ExchangeEnd.Progress) => ExchangeEnd.reasonOf(error, of, "http://localhost:1", 100)

const reset = (code: string, bytesRead = 0) => Object.assign(new Error("reset"), { code, bytesRead })

const gzip = { "content-encoding": "gzip" }

describe("the end of an exchange", () => {
  it("is an answer with its body decoded", () => {
    const body = Zlib.gzipSync("[1]")
    const end = ExchangeEnd.answered(progress({ ...gzip, "X-A": "b" }), body, false, 100)
    expect(end).toMatchObject({ _tag: "Answered", status: 200, bytes: 3, body: Buffer.from("[1]") })
    expect(end._tag === "Answered" && end.headers()).toEqual({ ...gzip, "x-a": "b" })
  })

  it("is a failure where the body of a success can't be decoded, and the body as it is of any other answer", () => {
    const body = Buffer.from("no gzip")
    expect(ExchangeEnd.answered(progress(gzip), body, false, 100))
      .toMatchObject({ _tag: "Failed", reason: { _tag: "Decompress", problem: "corrupt" }, bytes: 3 })
    expect(ExchangeEnd.answered(progress(gzip, { status: 404 }), body, false, 100)).toMatchObject({ body })
  })

  it("does not decode the beginning of a body", () => {
    const body = Zlib.gzipSync("[1]").subarray(0, 5)
    expect(ExchangeEnd.answered(progress(gzip), body, true, 100)).toMatchObject({ _tag: "Answered", body })
  })

  it("knows whether an answer says where its body ends", () => {
    expect(ExchangeEnd.isDelimited(progress({ "Content-Length": "3" }))).toBe(true)
    expect(ExchangeEnd.isDelimited(progress({ "transfer-encoding": "Chunked" }))).toBe(true)
    expect(ExchangeEnd.isDelimited(progress())).toBe(false)
  })

  it("by a reset before the answer says whether the connection was used before", () => {
    const before = progress({}, { hasBegun: false, status: 0, bytes: 0 })
    expect(reasonOf(reset("ECONNRESET", 9), before)).toEqual({ _tag: "Reset", bytes: 0, reused: true })
    expect(reasonOf(reset("ECONNRESET"), before)).toEqual({ _tag: "Reset", bytes: 0, reused: false })
  })

  it("by a reset in a body is told as that, or as a body that is too short", () => {
    const sized = progress({ "content-length": "9" })
    const truncated = { _tag: "Truncated", received: 3 }
    expect(reasonOf(reset("ECONNRESET"), sized)).toEqual({ _tag: "Reset", bytes: 3, reused: false })
    expect(reasonOf(reset("UND_ERR_SOCKET"), sized)).toEqual({ ...truncated, expected: 9 })
    expect(reasonOf(reset("ECONNRESET"), progress({ "transfer-encoding": "chunked" }))).toEqual(truncated)
    expect(reasonOf(reset("ECONNRESET"), progress())).toEqual({ _tag: "Reset", bytes: 3, reused: false })
  })
})
