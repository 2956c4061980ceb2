import * as Decompress from "#internal/client/Decompress"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Zlib from "node:zlib"

const text = Buffer.from("[1,2,3]".repeat(10))

describe("decompression", () => {
  it.each([
    ["gzip", Zlib.gzipSync(text)],
    ["deflate", Zlib.deflateSync(text)],
    ["deflate", Zlib.deflateRawSync(text)],
    ["br", Zlib.brotliCompressSync(text)],
    ["gzip, br", Zlib.brotliCompressSync(Zlib.gzipSync(text))]
  ])("undoes %s", (encoding, body) => {
    const decoded = Decompress.decode(body, encoding, 100)
    expect(Either.map(decoded, (bytes) => Buffer.from(bytes).toString())).toEqual(Either.right(text.toString()))
  })

  it("stops at the limit, and says what is wrong with a body", () => {
    const body = Zlib.gzipSync(text)
    expect(Decompress.decode(body, "gzip", 69)).toEqual(Either.left({ _tag: "TooLarge", limit: 69, of: "decoded" }))
    const problem = (body: Uint8Array, encoding: string) =>
      Either.getOrThrow(Either.flip(Decompress.decode(body, encoding, 100)))
    expect(problem(body.subarray(0, 20), "gzip")).toMatchObject({ _tag: "Decompress", problem: "cut" })
    expect(problem(text, "gzip")).toMatchObject({ problem: "corrupt" })
    expect(problem(body, "gzip, gzip, gzip, gzip")).toMatchObject({ problem: "unsupported" })
  })
})
