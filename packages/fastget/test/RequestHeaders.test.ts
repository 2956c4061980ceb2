import * as RequestHeaders from "#internal/http/RequestHeaders"
import { describe, expect, it } from "@effect/vitest"

const target = { origin: "http://a", path: "/x?y", authorization: undefined }

describe("RequestHeaders", () => {
  it("are the caller's over the defaults, and the userinfo over both", () => {
    expect(RequestHeaders.make({ accept: "text/csv", authorization: "Bearer x" }, "Basic y")).toEqual({
      "accept": "text/csv",
      "user-agent": "fastget",
      "authorization": "Basic y"
    })
  })

  it("are made once for all requests of a chunk", () => {
    const callerHeaders = { "x-a": "1" }
    const [one, other] = ["/1", "/2"].map((path) => RequestHeaders.toRequest({ ...target, path }, callerHeaders))
    expect([one!.url, other!.url]).toEqual(["http://a/1", "http://a/2"])
    expect(one!.headers).toBe(other!.headers)
    expect(one!.headers["x-a"]).toBe("1")
  })

  it("keep the userinfo of a URL from the requests of other URLs", () => {
    const callerHeaders = {}
    const secret = RequestHeaders.toRequest({ ...target, authorization: "Basic y" }, callerHeaders)
    expect(secret.headers["authorization"]).toBe("Basic y")
    expect(RequestHeaders.toRequest(target, callerHeaders).headers["authorization"]).toBeUndefined()
  })
})
