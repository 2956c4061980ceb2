import * as Redaction from "#internal/recording/Redaction"
import { describe, expect, it } from "@effect/vitest"

const headers = {
  "content-encoding": "gzip",
  "content-length": "7",
  "content-type": "application/json",
  "set-cookie": "s3cr3t",
  "www-authenticate": "Basic",
  "x-key": "s3cr3t",
  "connection": "close"
}

const at = new URL("http://a.example/1")

describe("what goes into a recording", () => {
  it("has no userinfo and no fragment, no cookie, and nothing of the connection or the coding", () => {
    const redaction = Redaction.make({})
    expect(redaction.url(new URL("http://me:s3cr3t@a.example/1?q=1#top"))).toBe("http://a.example/1?q=1")
    expect(redaction.headers(headers, true, at)).toEqual({ "content-type": "application/json", "x-key": "s3cr3t" })
    expect(redaction.body("x", new URL("http://a"))).toBe("x")
  })

  it("says how long a body was that was not read", () => {
    expect(Redaction.make({ headers: ["X-Key"] }).headers(headers, false, at))
      .toEqual({ "content-encoding": "gzip", "content-length": "7", "content-type": "application/json" })
  })

  it("has nothing of what is taken out", () => {
    const redaction = Redaction.make({
      url: (url) => url.replace(/token=[^&]*/, "token=x"),
      body: (body, { pathname }) => `${pathname} ${body.length}`
    })
    expect(redaction.url(new URL("http://a/1?token=s3cr3t#x"))).toBe("http://a/1?token=x")
    expect(redaction.body("s3cr3t", new URL("http://a/1"))).toBe("/1 6")
    expect(redaction.headers({ location: "//me:s3cr3t@b.example/2?token=s3cr3t" }, true, at))
      .toEqual({ location: "http://b.example/2?token=x" })
  })
})
