import * as HeadersByOrigin from "#internal/http/HeadersByOrigin"
import { describe, expect, it } from "@effect/vitest"

const trace = { traceparent: "00-1-2-01", origins: ["https://a.example", "b.example", "*.c.example"] }

describe("the headers for an origin", () => {
  it("have the trace where the origin is listed, whichever form that has", () => {
    const of = HeadersByOrigin.make({ headers: { accept: "x" }, trace })
    const plain = { accept: "x" }
    const traced = { accept: "x", traceparent: "00-1-2-01" }
    expect(
      ["https://a.example", "http://a.example", "http://b.example:8080", "https://x.c.example", "https://c.example"]
        .map(of)
    ).toEqual([traced, plain, traced, traced, plain])
    expect(of("http://b.example:8080")).toBe(of("https://a.example"))
  })

  it("are the caller's own where there is no trace, and where the caller gives one", () => {
    const headers = { TraceParent: "mine" }
    expect(HeadersByOrigin.make({ headers, trace })("https://a.example")).toBe(headers)
    const none = {}
    expect(HeadersByOrigin.make({ headers: none })("https://a.example")).toBe(none)
  })
})
