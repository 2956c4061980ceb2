/**
 * Where the bytes of the input come from: files or stdin, a piece at a time and
 * none before it is asked for. Its scope owns the descriptor.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs/promises"
import * as Net from "node:net"
import type { Readable } from "node:stream"
import * as CliError from "./CliError.js"

export interface Source {
  readonly name: string
  /** The next bytes, which are good until the next are asked for; undefined at the end. */
  readonly read: Effect.Effect<Buffer | undefined, CliError.InputFailed>
}

/** About a thousand URLs: what is read ahead of the library is no more. */
const pieceSize = 64 * 1024

/** The name that stands for stdin. */
export const stdin = "-"

/** Opens a file, or stdin for `-`. */
export const open = (name: string): Effect.Effect<Source, CliError.InputFailed, Scope.Scope> =>
  name === stdin ? Effect.map(fromReadable(() => process.stdin, "stdin"), notUtf16) : Effect.gen(function*() {
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => Fs.open(name), catch: CliError.unreadable(name) }),
      (handle) => Effect.ignore(Effect.tryPromise(() => handle.close()))
    )
    const stat = yield* Effect.tryPromise({ try: () => handle.stat(), catch: CliError.unreadable(name) })
    if (stat.isDirectory()) return yield* CliError.unreadable(name)(new Error("it is a folder"))
    // A read of a pipe can't be given up while a thread waits in it; a socket's can.
    if (stat.isFIFO()) {
      const fifo = yield* fromReadable(() => new Net.Socket({ fd: handle.fd, readable: true, writable: false }), name)
      return notUtf16(fifo)
    }
    const buffer = Buffer.allocUnsafe(pieceSize)
    const read = Effect.tryPromise({
      try: () => handle.read(buffer, 0, pieceSize, null),
      catch: CliError.unreadable(name)
    })
    return notUtf16({
      name,
      read: Effect.map(read, ({ bytesRead }) => bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead))
    })
  })

const fromReadable = (open: () => Readable, name: string): Effect.Effect<Source, never, Scope.Scope> =>
  Effect.gen(function*() {
    const readable = open()
    const iterator = readable[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    yield* Effect.addFinalizer(() => Effect.sync(() => readable.destroy()))
    const read = Effect.tryPromise({ try: () => iterator.next(), catch: CliError.unreadable(name) })
    return { name, read: Effect.map(read, ({ done, value }) => done === true ? undefined : value as Buffer) }
  })

/** PowerShell writes UTF-16 where one expects it least; every line would be bad. */
const notUtf16 = (source: Source): Source => {
  let first = true
  return {
    name: source.name,
    read: Effect.flatMap(source.read, (bytes) => {
      const mark = first && bytes !== undefined && bytes.length > 1 ? bytes[0]! << 8 | bytes[1]! : 0
      first = false
      return mark === 0xfffe || mark === 0xfeff
        ? Effect.fail(CliError.unreadable(source.name)(new Error("it is UTF-16; convert it to UTF-8")))
        : Effect.succeed(bytes)
    })
  }
}

/** The size of a file; undefined for what is no plain file. */
export const size = (name: string): Effect.Effect<number | undefined, CliError.InputFailed> =>
  name === stdin ? Effect.succeed(undefined) : Effect.map(
    Effect.tryPromise({ try: () => Fs.stat(name), catch: CliError.unreadable(name) }),
    (stat) => stat.isFile() ? stat.size : undefined
  )
