import { describe, expect, it } from "@effect/vitest"
import * as BodyCoding from "fastget/platform/BodyCoding"

describe("a Transfer-Encoding", () => {
  it.each(["chunked", "Chunked", " CHUNKED ", ", chunked", "identity", "", "identity, chunked", "chunked, chunked"])(
    "of %j leaves the body as it was",
    (value) => expect(BodyCoding.isPlainTransfer(value)).toBe(true)
  )

  it.each([
    "gzip",
    "x-gzip, chunked",
    "gzip,chunked",
    "deflate, chunked",
    "compress",
    "chunked, gzip",
    "chunked, identity",
    "chunked,",
    "chunked;q=1",
    "xchunked",
    "\"chunked\"",
    "chunked gzip"
  ])("of %j does not", (value) => expect(BodyCoding.isPlainTransfer(value)).toBe(false))
})

describe("a Content-Encoding", () => {
  it.each(
    [
      ["gzip", ["gzip"], undefined],
      [" X-GZIP ,Br", ["x-gzip", "br"], undefined],
      ["", [], undefined],
      [", identity,", [], undefined],
      ["none", [], "none"],
      ["UTF-8", [], "UTF-8"],
      ["aws-chunked,gzip", ["gzip"], "aws-chunked,gzip"],
      ["gzip;q=1", [], "gzip;q=1"],
      ["x".repeat(1000), [], "x".repeat(100)]
    ] as const
  )("of %j is what is known of it, and tells what is not", (value, codings, unknown) => {
    expect(BodyCoding.contentCodings(value)).toEqual(codings)
    expect(BodyCoding.unknownContentCoding(value)).toBe(unknown)
  })
})
