/**
 * The bytes of the input, from files, FIFOs, terminals or stdin: a piece at a
 * time, read when it is asked for. Each descriptor has one owner, and only the
 * owner closes it: a stream of Node's where a read may have to wait, else the scope.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import type { Readable } from "node:stream"
import * as Tty from "node:tty"
import * as CliError from "../CliError.js"

export interface Source {
  readonly name: string
  /** The next bytes, which are good until the next are asked for; undefined at the end. */
  readonly read: Effect.Effect<Buffer | undefined, CliError.InputFailed>
}

/** About a thousand URLs. No more is read ahead of the library. */
const pieceSize = 64 * 1024

/** The name that means stdin. */
export const stdin = "-"

const namesOfStdin = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])

/**
 * Whether a name means stdin: `-`, or a device that does. Where stdin is a plain
 * file its device can be opened like another file; a socket can't be.
 */
export const isStdin = (name: string): boolean =>
  name === stdin || (process.platform !== "win32" && namesOfStdin.has(name) && !Fs.fstatSync(0).isFile())

/** Opens a file, or stdin for `-`. */
export const open = (name: string): Effect.Effect<Source, CliError.InputFailed, Scope.Scope> =>
  isStdin(name) ? openStdin : openFile(name)

/** Stdin is never closed. A folder or a disk as stdin is handled here: Node's own stream would be empty for it. */
const openStdin = Effect.suspend((): Effect.Effect<Source, CliError.InputFailed, Scope.Scope> => {
  const stat = Fs.fstatSync(0)
  if (stat.isDirectory()) return CliError.unreadable("stdin")("it is a folder")
  return stat.isFile() || stat.isBlockDevice()
    ? Effect.succeed({ name: "stdin", read: readFile(0, "stdin") })
    : fromReadable(() => process.stdin, "stdin")
})

const openFile = (name: string): Effect.Effect<Source, CliError.InputFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const descriptor = yield* openDescriptor(name)
    const stat = yield* Effect.try({ try: () => Fs.fstatSync(descriptor.number), catch: CliError.unreadable(name) })
    if (stat.isDirectory()) return yield* CliError.unreadable(name)("it is a folder")
    // A read of a file blocks a thread and can't be interrupted. Bytes that may be long in coming are read as a socket's.
    if (stat.isFIFO() || stat.isSocket()) {
      return yield* fromReadable(() => {
        const socket = new Net.Socket({ fd: descriptor.number, readable: true, writable: false })
        descriptor.handOver()
        return socket
      }, name)
    }
    if (Tty.isatty(descriptor.number)) {
      return yield* fromReadable(() => {
        const terminal = new Tty.ReadStream(descriptor.number)
        // libuv may open the terminal a second time; then this descriptor stays open until the process ends.
        descriptor.handOver()
        return terminal
      }, name)
    }
    return { name, read: readFile(descriptor.number, name) }
  })

interface Descriptor {
  readonly number: number
  /** Ends the ownership: something else closes the descriptor. */
  readonly handOver: () => void
}

/** Opens a file; its scope closes it unless it is handed over. Opening a FIFO waits for its writer, and can be interrupted. */
const openDescriptor = (name: string): Effect.Effect<Descriptor, CliError.InputFailed, Scope.Scope> =>
  Effect.gen(function*() {
    let owned: number | undefined
    let isOpening = true
    yield* Effect.addFinalizer(() =>
      Effect.async<void>((resume) => {
        if (owned === undefined) resume(Effect.void)
        else Fs.close(owned, () => resume(Effect.void))
      })
    )
    const number = yield* Effect.async<number, CliError.InputFailed>((resume) => {
      Fs.open(name, (error, opened) => {
        isOpening = false
        if (error === null) owned = opened
        resume(error === null ? Effect.succeed(opened) : CliError.unreadable(name)(error))
      })
      return Effect.suspend(() => openOtherEnd(name)).pipe(Effect.delay(10), Effect.repeat({ while: () => isOpening }))
    })
    return {
      number,
      handOver: () => {
        owned = undefined
      }
    }
  })

/**
 * A thread that opens a FIFO to read waits until another opens it to write, and
 * the process can't end before. When the open is given up, this ends that wait.
 */
const openOtherEnd = (name: string): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => {
    // Without O_NONBLOCK this open would wait, too.
    if (Fs.statSync(name).isFIFO()) Fs.closeSync(Fs.openSync(name, Fs.constants.O_WRONLY | Fs.constants.O_NONBLOCK))
  }))

/** Uninterruptible: after an interruption the descriptor would be closed, and its number could be another file's while the thread reads. */
const readFile = (descriptor: number, name: string): Source["read"] => {
  const buffer = Buffer.allocUnsafe(pieceSize)
  return Effect.uninterruptible(Effect.async((resume) => {
    Fs.read(descriptor, buffer, 0, pieceSize, null, (error, size) => {
      if (error !== null) resume(CliError.unreadable(name)(error))
      else resume(Effect.succeed(size === 0 ? undefined : buffer.subarray(0, size)))
    })
  }))
}

const fromReadable = (
  make: () => Readable,
  name: string
): Effect.Effect<Source, CliError.InputFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const readable = yield* Effect.acquireRelease(
      Effect.try({ try: make, catch: CliError.unreadable(name) }),
      (readable) => Effect.sync(() => readable.destroy())
    )
    // Without a handler an error would end the process. The iterator fails with it when the next bytes are asked for.
    readable.on("error", () => {})
    const iterator = readable[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const read = Effect.tryPromise({ try: () => iterator.next(), catch: CliError.unreadable(name) })
    return { name, read: Effect.map(read, ({ done, value }) => done === true ? undefined : value as Buffer) }
  })

/**
 * Reads until a piece `isEnough`, or the source ends: what was read, and a
 * source that gives it once more, and then the rest.
 */
export const peek = (
  source: Source,
  isEnough: (piece: Buffer) => boolean
): Effect.Effect<readonly [start: Buffer, source: Source], CliError.InputFailed> =>
  Effect.gen(function*() {
    const pieces: Array<Buffer> = []
    let ended = false
    while (true) {
      const piece = yield* source.read
      ended = piece === undefined
      // A copy: the source reads its next bytes into the same buffer.
      if (piece !== undefined) pieces.push(Buffer.from(piece))
      if (piece === undefined || isEnough(piece)) break
    }
    const start = Buffer.concat(pieces)
    let given = start.length === 0
    const read = Effect.suspend(() => {
      if (given) return ended ? Effect.succeed(undefined) : source.read
      given = true
      return Effect.succeed(start)
    })
    return [start, { name: source.name, read }]
  })

/** The size of a file; undefined for what is no plain file. */
export const size = (name: string): Effect.Effect<number | undefined, CliError.InputFailed> =>
  isStdin(name) ? Effect.succeed(undefined) : Effect.map(
    Effect.try({ try: () => Fs.statSync(name), catch: CliError.unreadable(name) }),
    (stat) => stat.isFile() ? stat.size : undefined
  )
