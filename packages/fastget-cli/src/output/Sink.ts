/**
 * Where bytes are written to, in order and in whole pieces: a file, or a stream
 * such as stdout. A write is done when the system has taken it, so that a slow
 * reader slows down the run. The scope closes what was opened by its name; a
 * descriptor that the shell has given stays open until the process ends.
 */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Tty from "node:tty"
import * as CliError from "../CliError.js"
import * as Target from "./Target.js"

export type Failure = CliError.OutputFailed | CliError.ReaderGone

export interface Sink {
  readonly write: (bytes: Buffer) => Effect.Effect<void, Failure>
  /** What is written is on the disk when it is done. */
  readonly sync: Effect.Effect<void, Failure>
}

/** Writes all bytes to a descriptor, at `position` or (`null`) at the descriptor's own position. */
const writeAll = (
  descriptor: number,
  name: string,
  bytes: Buffer,
  position: number | null
): Effect.Effect<void, Failure> =>
  Effect.async<number, Failure>((resume) => {
    Fs.write(descriptor, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null) resume(Effect.succeed(written))
      // Another process that shares the descriptor may have made it non-blocking.
      else if (error.code === "EAGAIN") setTimeout(() => resume(Effect.succeed(0)), 10)
      else resume(Effect.fail(writeFailed(name, error)))
    })
  }).pipe(
    Effect.flatMap((written) =>
      written === bytes.length
        ? Effect.void
        : writeAll(descriptor, name, bytes.subarray(written), position === null ? null : position + written)
    )
  )

/**
 * A file that is written from `length` on. Where a write fails, as on a full
 * disk, what it has left of its piece is cut off again.
 */
export const file = (descriptor: number, name: string, length: number): Sink => {
  let end = length
  return {
    write: (bytes) =>
      // Uninterruptible: an interruption would leave a part of a piece.
      writeAll(descriptor, name, bytes, end).pipe(
        Effect.tapError(() => Effect.sync(() => cut(descriptor, end))),
        Effect.tap(() => {
          end += bytes.length
        }),
        Effect.uninterruptible
      ),
    sync: Effect.async<void, CliError.OutputFailed>((resume) => {
      Fs.fdatasync(descriptor, (error) =>
        // Not every file system can sync.
        resume(
          error === null || error.code === "EINVAL" || error.code === "ENOTSUP"
            ? Effect.void
            : Effect.fail(CliError.unwritable(name)(error))
        ))
    })
  }
}

const cut = (descriptor: number, length: number): void => {
  try {
    Fs.ftruncateSync(descriptor, length)
  } catch {
    // Where it can't be cut now the next --resume does it.
  }
}

/**
 * What is no plain file. It is written in order and never cut, synced or
 * renamed. Opening a named pipe waits for its reader; that, and a write that
 * nobody takes, can be interrupted at any time.
 */
export const stream = (target: Target.Stream): Effect.Effect<Sink, CliError.OutputFailed, Scope.Scope> =>
  target.descriptor === undefined ? byName(target.name) : byDescriptor(target.descriptor, target.name)

/**
 * One sink for each descriptor, however many outputs go there, so that they are written in order. `Cli` gives each
 * run of the command its own.
 */
export const descriptors = FiberRef.unsafeMake(new Map<number, Sink>())

const byDescriptor = (descriptor: number, name: string): Effect.Effect<Sink, CliError.OutputFailed> =>
  Effect.flatMap(FiberRef.get(descriptors), (descriptors) => {
    const known = descriptors.get(descriptor)
    if (known !== undefined) return Effect.succeed(known)
    const stat = statOf(descriptor)
    if (stat === undefined || (descriptor === 1 && isClosed(stat))) {
      return new CliError.OutputFailed({ message: `${name} is closed: name a file with --output` })
    }
    return Effect.tap(
      Effect.try({ try: () => sinkOf(descriptor, stat, name), catch: CliError.unwritable(name) }),
      (sink) => Effect.sync(() => descriptors.set(descriptor, sink))
    )
  })

const statOf = (descriptor: number): Fs.Stats | undefined => {
  try {
    return Fs.fstatSync(descriptor)
  } catch {
    return undefined
  }
}

const sinkOf = (descriptor: number, stat: Fs.Stats, name: string): Sink => {
  const isPipe = stat.isFIFO() || stat.isSocket()
  // process.stderr is a stream already: a second one on the same descriptor would not work.
  const isTaken = descriptor === 2 && isPipe
  const own = isTaken || Tty.isatty(descriptor) ? reopened(descriptor) : descriptor
  return isPipe && own !== undefined
    ? pipe(new Net.Socket(pipeOptions(own)), name)
    : device(own ?? descriptor, name)
}

const pipeOptions = (fd: number) => ({ fd, readable: false, writable: true })

/**
 * Opens the same pipe or terminal once more, non-blocking: a thread that waits in a
 * write could not be stopped. Where it can't be opened, as a terminal of another
 * user, the descriptor itself is used.
 */
const reopened = (descriptor: number): number | undefined => {
  try {
    return Fs.openSync(`/dev/fd/${descriptor}`, withoutWaiting)
  } catch {
    return undefined
  }
}

const { O_NOCTTY = 0, O_NONBLOCK = 0, O_WRONLY } = Fs.constants
const withoutWaiting = O_WRONLY | O_NONBLOCK | O_NOCTTY

/** How often, in milliseconds, it is tried whether a named pipe has a reader. */
const lookEvery = 50

const byName = (name: string): Effect.Effect<Sink, CliError.OutputFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const stat = Target.isWindowsPipe(name) ? undefined : yield* Effect.try({
      try: () => Fs.statSync(name),
      catch: CliError.unwritable(name)
    })
    if (stat === undefined || stat.isSocket()) return pipe(yield* connected(name), name)
    const opened = yield* Effect.acquireRelease(open(name, stat.isFIFO()), ({ close }) => Effect.sync(close)).pipe(
      Effect.retry({ while: (error) => error._tag === "NoReader", schedule: Schedule.spaced(lookEvery) }),
      // It is retried until there is one.
      Effect.catchTag("NoReader", Effect.die)
    )
    return opened.sink
  })

interface Opened {
  readonly sink: Sink
  readonly close: () => void
}

interface NoReader {
  readonly _tag: "NoReader"
}

const open = (
  name: string,
  isPipe: boolean
): Effect.Effect<Opened, CliError.OutputFailed | NoReader> =>
  Effect.suspend((): Effect.Effect<Opened, CliError.OutputFailed | NoReader> => {
    try {
      const descriptor = Fs.openSync(name, withoutWaiting)
      if (!isPipe) return Effect.succeed({ sink: device(descriptor, name), close: () => Fs.closeSync(descriptor) })
      const socket = new Net.Socket(pipeOptions(descriptor))
      return Effect.succeed({ sink: pipe(socket, name), close: () => socket.destroy() })
    } catch (error) {
      // A pipe that nobody reads yet can't be opened without waiting.
      return isPipe && (error as NodeJS.ErrnoException).code === "ENXIO"
        ? Effect.fail<NoReader>({ _tag: "NoReader" })
        : Effect.fail(CliError.unwritable(name)(error))
    }
  })

const connected = (name: string): Effect.Effect<Net.Socket, CliError.OutputFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => Net.connect(name)),
    (socket) => Effect.sync(() => socket.destroy())
  ).pipe(
    Effect.tap((socket) =>
      Effect.async<void, CliError.OutputFailed>((resume) => {
        socket.once("connect", () => resume(Effect.void))
        socket.once("error", (error) => resume(Effect.fail(CliError.unwritable(name)(error))))
      })
    )
  )

const device = (descriptor: number, name: string): Sink => ({
  write: (bytes) => writeAll(descriptor, name, bytes, null),
  sync: Effect.void
})

/**
 * Node opens /dev/null, to read and write, in place of a stdout that is closed;
 * `> /dev/null` is to write only. Where there is no /proc it can't be told.
 */
const isClosed = (stat: Fs.Stats): boolean => {
  try {
    const nothing = Fs.statSync("/dev/null")
    return stat.isCharacterDevice() && stat.rdev === nothing.rdev &&
      /^flags:\s*\d*2$/m.test(Fs.readFileSync("/proc/self/fdinfo/1", "utf8"))
  } catch {
    return false
  }
}

const pipe = (socket: Net.Socket, name: string): Sink => {
  // Without a handler an error would end the process; each write fails with it.
  socket.on("error", () => {})
  return {
    write: (bytes) =>
      Effect.async((resume) => {
        socket.write(bytes, (error) => {
          resume(error === null || error === undefined ? Effect.void : Effect.fail(writeFailed(name, error)))
        })
      }),
    sync: Effect.void
  }
}

const gone = new Set<unknown>(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"])

const writeFailed = (name: string, error: Error): Failure =>
  "code" in error && gone.has(error.code) ? new CliError.ReaderGone() : CliError.unwritable(name)(error)
