import * as Head from "#internal/sockets/Head"
import { describe, expect, it } from "@effect/vitest"

const bytes = (text: string) => Buffer.from(text, "latin1")

describe("the head of an answer, as bytes", () => {
  it("is ordinary but for an interim one and one whose status ends like that of a 204", () => {
    const ordinary = (status: number) => Head.isOrdinary(bytes(`HTTP/1.1 ${status} X`))
    expect([200, 206, 404, 503].map(ordinary)).toEqual([true, true, false, true])
    expect([100, 103, 204, 304].map(ordinary)).toEqual([false, false, false, false])
  })

  it("is too short while its status is not known, and only if it begins as one", () => {
    expect(["", "HT", "HTTP/1.1 20"].map((text) => Head.isTooShort(bytes(text)))).toEqual([true, true, true])
    expect(["{}", "HTTP/1.1 200 OK"].map((text) => Head.isTooShort(bytes(text)))).toEqual([false, false])
  })

  it("that may have no body loses what announces one to the parser, and gets it back afterwards", () => {
    const head = "HTTP/1.1 304 N\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    const mended = Head.withoutFraming(bytes(`${head}rest`), head.length)!
    expect(mended.toString("latin1")).toBe(
      "HTTP/1.1 304 N\r\n!Content-Length: 3\r\n!Transfer-Encoding: chunked\r\n\r\nrest"
    )
    expect(Head.restored([bytes("!Content-Length"), bytes("!3"), bytes("a"), bytes("b")]).map(String))
      .toEqual(["Content-Length", "!3", "a", "b"])
    expect(Head.withoutFraming(bytes("HTTP/1.1 204 N\r\ncontent-length: 0\r\n\r\n"), 39)).toBeUndefined()
  })
})
