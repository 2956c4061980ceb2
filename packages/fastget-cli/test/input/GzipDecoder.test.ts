import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Zlib from "node:zlib"
import { GzipDecoder } from "../../src/input/GzipDecoder.js"

const decoder = Effect.acquireRelease(
  Effect.sync(() => new GzipDecoder()),
  (decoder) => Effect.sync(() => decoder.destroy())
)

/** All that it gives before it waits, fails or ends, and which of these it does. */
const take = (decoder: GzipDecoder) =>
  Effect.gen(function*() {
    let text = ""
    while (true) {
      const state = yield* decoder.next
      if (!Buffer.isBuffer(state)) return { text, state }
      text += state.toString()
    }
  })

it.scoped("says that it needs more, and gives back what belongs to no member", () =>
  Effect.gen(function*() {
    const gunzip = yield* decoder
    const packed = Zlib.gzipSync("some text")
    gunzip.write(packed.subarray(0, 12))
    const first = yield* take(gunzip)
    expect(first.state).toBe("hungry")
    gunzip.write(Buffer.concat([packed.subarray(12), Buffer.alloc(3)]))
    const second = yield* take(gunzip)
    expect([first.text + second.text, second.state]).toEqual(["some text", { rest: Buffer.alloc(3) }])
  }))

it.scoped("unpacks a large member a piece at a time", () =>
  Effect.gen(function*() {
    const gunzip = yield* decoder
    gunzip.write(Zlib.gzipSync("x".repeat(1_000_000)))
    const first = yield* gunzip.next
    expect(Buffer.isBuffer(first) && first.length <= 64 * 1024).toBe(true)
    expect((yield* take(gunzip)).text.length).toBe(1_000_000 - (first as Buffer).length)
  }))

it.scoped("tells what is cut off or damaged", () =>
  Effect.gen(function*() {
    const cut = yield* decoder
    cut.write(Zlib.gzipSync("some text").subarray(0, 15))
    expect((yield* take(cut)).state).toBe("hungry")
    cut.end()
    expect((yield* take(cut)).state).toMatchObject({ code: "Z_BUF_ERROR" })
    const damaged = yield* decoder
    damaged.write(Buffer.from("\x1f\x8b\x08no gzip at all", "latin1"))
    expect((yield* take(damaged)).state).toBeInstanceOf(Error)
  }))
