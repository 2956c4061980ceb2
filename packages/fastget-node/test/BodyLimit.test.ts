import * as BodyLimit from "#internal/client/BodyLimit"
import { describe, expect, it } from "@effect/vitest"

const headers = (...texts: ReadonlyArray<string>) => texts.map((text) => Buffer.from(text))

describe("the limits of size of an answer", () => {
  it("stop at a length that is too large, of a success only", () => {
    const long = headers("Content-Length", "101")
    expect(BodyLimit.stopAtHead(200, long, 100)).toEqual({ _tag: "TooLarge", limit: 100, of: "wire" })
    expect(BodyLimit.stopAtHead(200, long, 101)).toBeUndefined()
    expect(BodyLimit.stopAtHead(404, long, 100)).toBeUndefined()
  })

  it("stop at a transfer coding that can't be undone: a failure of a success, the end of any other answer", () => {
    const coded = headers("transfer-encoding", "gzip, chunked")
    expect(BodyLimit.stopAtHead(200, coded, 100)).toMatchObject({ _tag: "Protocol" })
    expect(BodyLimit.stopAtHead(500, coded, 100)).toBe("enough")
  })

  it("read on after a 304 with a length, and not after a 204", () => {
    const announced = headers("content-length", "7")
    expect(BodyLimit.stopAtHead(304, announced, 1)).toBeUndefined()
    expect(BodyLimit.stopAtHead(204, announced, 100)).toBe("enough")
    expect(BodyLimit.stopAtHead(204, headers("content-length", "0"), 100)).toBeUndefined()
  })

  it("stop after the most bytes of a success, and after 64 KiB of any other answer", () => {
    expect(BodyLimit.stopAfter(200, 100, 100)).toBeUndefined()
    expect(BodyLimit.stopAfter(200, 101, 100)).toEqual({ _tag: "TooLarge", limit: 100, of: "wire" })
    expect(BodyLimit.stopAfter(404, 65_536, 100)).toBeUndefined()
    expect(BodyLimit.stopAfter(404, 65_537, 100)).toBe("enough")
  })
})
