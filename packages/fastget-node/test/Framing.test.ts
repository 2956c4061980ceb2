import * as Framing from "#internal/client/Framing"
import { describe, expect, it } from "@effect/vitest"

const raw = (...texts: ReadonlyArray<string>) => texts.map((text) => Buffer.from(text))

describe("what headers say of a body", () => {
  it("is a fault if it is larger than it may be", () => {
    expect(Framing.faultOf(raw("CONTENT-LENGTH", "11"), 10)).toEqual({ _tag: "TooLarge", limit: 10, of: "wire" })
    expect(Framing.faultOf(raw("content-length", "10", "content-lengtX", "99"), 10)).toBeUndefined()
  })

  it("is a fault if its transfer is coded in another way than by chunks, over several lines, too", () => {
    expect(Framing.faultOf(raw("transfer-encoding", "chunked"), 10)).toBeUndefined()
    expect(Framing.faultOf(raw("transfer-encoding", "gzip", "Transfer-Encoding", "chunked"), 10))
      .toMatchObject({ _tag: "Protocol" })
  })

  it("announces one by a length above 0 or a transfer coding", () => {
    expect(Framing.announcesBody(raw("Content-Length", "0"))).toBe(false)
    expect(Framing.announcesBody(raw("Content-Length", "1"))).toBe(true)
    expect(Framing.announcesBody(raw("Transfer-Encoding", "chunked"))).toBe(true)
  })
})
