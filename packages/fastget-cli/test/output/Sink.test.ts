import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import * as Sink from "../../src/output/Sink.js"
import { folder } from "../support/Process.js"

const stream = (name: string) => Sink.stream({ _tag: "Stream", name, descriptor: undefined })

/** An open file with some text, and its path. */
const opened = (text: string, flags = "r+") =>
  Effect.gen(function*() {
    const path = Path.join(yield* folder, "out")
    Fs.writeFileSync(path, text)
    const descriptor = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.openSync(path, flags)),
      (descriptor) => Effect.sync(() => Fs.closeSync(descriptor))
    )
    return { descriptor, path }
  })

describe("a file as a sink", () => {
  it.scopedLive("is written from its length on, whatever stands behind it", () =>
    Effect.gen(function*() {
      const { descriptor, path } = yield* opened("old\nhalf of a rec")
      const sink = Sink.file(descriptor, path, 4)
      yield* sink.write(Buffer.from("one\n"))
      yield* sink.write(Buffer.from("and another\n"))
      yield* sink.sync
      expect(Fs.readFileSync(path, "utf8")).toBe("old\none\nand another\n")
    }))

  it.scopedLive("fails with its name where it can't be written", () =>
    Effect.gen(function*() {
      const { descriptor, path } = yield* opened("old\n", "r")
      const error = yield* Effect.flip(Sink.file(descriptor, path, 4).write(Buffer.from("x")))
      expect(error).toMatchObject({ _tag: "OutputFailed", message: expect.stringContaining(path) })
      expect(Fs.readFileSync(path, "utf8")).toBe("old\n")
    }))
})

describe("a stream as a sink", () => {
  it.scopedLive("fails with its name where there is none, and where its descriptor is closed", () =>
    Effect.gen(function*() {
      const missing = Path.join(yield* folder, "none")
      expect(yield* Effect.flip(stream(missing))).toMatchObject({ message: expect.stringContaining(missing) })
      const closed = Sink.stream({ _tag: "Stream", name: "/dev/fd/999", descriptor: 999 })
      expect(yield* Effect.flip(closed)).toMatchObject({ message: "/dev/fd/999 is closed: name a file with --output" })
    }))

  it.scopedLive.skipIf(process.platform === "win32")(
    "waits for the reader of a named pipe, and fails when it is gone",
    () =>
      Effect.gen(function*() {
        const path = Path.join(yield* folder, "pipe")
        execFileSync("mkfifo", [path])
        const opening = yield* Effect.fork(stream(path))
        yield* Effect.yieldNow()
        expect(opening.unsafePoll()).toBeNull()
        const reader = new Net.Socket({ fd: Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK) })
        const read = new Promise<string>((resolve) => reader.once("data", (data) => resolve(String(data))))
        const sink = yield* Fiber.join(opening)
        yield* sink.write(Buffer.from("a record\n"))
        expect(yield* Effect.promise(() => read)).toBe("a record\n")
        yield* Effect.async<void>((resume) => {
          reader.destroy().once("close", () => resume(Effect.void))
        })
        expect(yield* Effect.flip(Effect.forever(sink.write(Buffer.from("more\n"))))).toMatchObject({
          _tag: "ReaderGone"
        })
      })
  )

  it.scopedLive.skipIf(process.platform === "win32")("takes what is written to a device", () =>
    Effect.gen(function*() {
      const sink = yield* stream("/dev/null")
      yield* sink.write(Buffer.from("a record\n"))
      yield* sink.sync
    }))
})
