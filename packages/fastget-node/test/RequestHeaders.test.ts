import * as RequestHeaders from "#internal/client/RequestHeaders"
import * as Headers from "@effect/platform/Headers"
import { describe, expect, it } from "@effect/vitest"

const encodings = expect.stringContaining("gzip, deflate, br")

describe("the headers of a request", () => {
  it("ask for the encodings that can be decoded, unless the caller says which", () => {
    expect(RequestHeaders.complete(["a", "b"])).toEqual(["a", "b", "accept-encoding", encodings])
    const own = ["a", "b", "Accept-Encoding", "identity"]
    expect(RequestHeaders.complete(own)).toBe(own)
  })

  it("are those of a record, with the authorization of the URL where it has none", () => {
    const record = Headers.fromInput({ a: "b" })
    const asked = ["accept-encoding", encodings]
    expect(RequestHeaders.fromRecord(record, undefined)).toEqual(["a", "b", ...asked])
    expect(RequestHeaders.fromRecord(record, "Basic x")).toEqual(["a", "b", "authorization", "Basic x", ...asked])
    const own = Headers.fromInput({ authorization: "own" })
    expect(RequestHeaders.fromRecord(own, "Basic x")).toEqual(["authorization", "own", ...asked])
  })
})
