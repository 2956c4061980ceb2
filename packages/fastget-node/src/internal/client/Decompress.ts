/**
 * Bodies as the server encoded them in, as they were out: gzip, deflate, br and
 * (where Node has it) zstd, alone or in a chain, never larger than a limit.
 */
import * as Either from "effect/Either"
import type { Reason } from "fastget/FetchError"
import * as BodyCoding from "fastget/platform/BodyCoding"
import * as Zlib from "node:zlib"

type Decoder = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array

// A header of zlib has 8 in its low half; without it the data are bare.
const inflate: Decoder = (body, options) =>
  ((body[0] ?? 0) & 0x0f) === 8 ? Zlib.inflateSync(body, options) : Zlib.inflateRawSync(body, options)

const zstd: Decoder | undefined = Reflect.get(Zlib, "zstdDecompressSync")

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", Zlib.gunzipSync],
  ["x-gzip", Zlib.gunzipSync],
  ["deflate", inflate],
  ["br", Zlib.brotliDecompressSync],
  ...(zstd === undefined ? [] : [["zstd", zstd] as const])
])

/**
 * The `Accept-Encoding` that asks for what can be decoded.
 */
export const acceptEncoding = ["gzip", "deflate", "br", ...(zstd === undefined ? [] : ["zstd"])].join(", ")

/** The longest chain of encodings that is undone. */
const longestChain = 3

/**
 * Undoes a `Content-Encoding`. Names in it that nobody knows are passed over,
 * as `fetch` does it. The output is never larger than `limit` bytes: it stops
 * there and fails, without making the rest.
 */
export const decode = (body: Uint8Array, encoding: string, limit: number): Either.Either<Uint8Array, Reason> => {
  const chain = BodyCoding.contentCodings(encoding)
  const fail = (problem: "cut" | "corrupt" | "unsupported") =>
    Either.left({ _tag: "Decompress", encoding: encoding.slice(0, 100), problem } as const)
  if (chain.length > longestChain || chain.some((name) => !decoders.has(name))) return fail("unsupported")
  let decoded = body
  for (const name of [...chain].reverse()) {
    try {
      decoded = decoders.get(name)!(decoded, { maxOutputLength: limit })
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined
      if (code === "ERR_BUFFER_TOO_LARGE") return Either.left({ _tag: "TooLarge", limit, of: "decoded" })
      if (code === "Z_BUF_ERROR") return fail("cut")
      return fail(BodyCoding.unknownContentCoding(encoding) === undefined ? "corrupt" : "unsupported")
    }
  }
  return Either.right(decoded)
}
